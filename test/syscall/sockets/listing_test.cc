/// /proc/net/unix.
#include <sys/stat.h>

#include "sockets/sockets.h"

using namespace systest;

namespace {

/// What a line says before the name; 5 columns at least.
std::string inode_of(int fd) {
  struct stat st{};
  EXPECT_OK(fstat(fd, &st));
  const std::string number = std::to_string(st.st_ino);
  return std::string(number.size() < 5 ? 5 - number.size() : 0, ' ') + number;
}

/// The line of /proc/net/unix that ends with `end`, without what no test can know: address and references.
std::string line_of(const std::string& end) {
  const std::string all = slurp("/proc/net/unix");
  const auto at = all.find(end + "\n");
  if (at == std::string::npos) return "not listed";
  const auto start = all.rfind('\n', at) + 1;
  const std::string line = all.substr(start, at + end.size() - start);
  constexpr std::size_t kReferences = 9;
  return line.substr(line.find(": ") + 2 + kReferences);
}

}  // namespace

TEST(ProcNetUnix, NamesItsColumns) {
  EXPECT_TRUE(slurp("/proc/net/unix").starts_with("Num       RefCount Protocol Flags    Type St Inode Path\n"));
}

TEST(ProcNetUnix, ListsSocketsWithTheirStateAndName) {
  Fd listener{socket(AF_UNIX, SOCK_STREAM, 0)};
  const UnixName path{"a socket"};
  ASSERT_OK(bind(listener, path.get(), path.length));
  EXPECT_EQ(line_of("a socket"), "00000000 00000000 0001 01 " + inode_of(listener) + " a socket");
  ASSERT_OK(listen(listener, 5));
  EXPECT_EQ(line_of("a socket"), "00000000 00010000 0001 01 " + inode_of(listener) + " a socket");
  const Fd datagram = make_listener("@listed", SOCK_DGRAM);
  EXPECT_EQ(line_of("@listed"), "00000000 00000000 0002 01 " + inode_of(datagram) + " @listed");
  listener.reset();
  EXPECT_EQ(line_of("a socket"), "not listed");
}

TEST(ProcNetUnix, TellsConnectedSocketsFromThoseThatWaitForAccept) {
  const Fd listener = make_listener("a socket");
  const Fd client = connect_to("a socket");
  EXPECT_EQ(line_of(inode_of(client)), "00000000 00000000 0001 03 " + inode_of(client));
  EXPECT_NE(slurp("/proc/net/unix").find("00000000 00000000 0001 02     0 a socket\n"), std::string::npos)
      << slurp("/proc/net/unix");
  const Fd server{accept(listener, nullptr, nullptr)};
  EXPECT_NE(slurp("/proc/net/unix").find("00000000 00000000 0001 03 " + inode_of(server) + " a socket\n"),
            std::string::npos);
  const SocketEnds pair = make_pair(SOCK_DGRAM);
  EXPECT_EQ(line_of(inode_of(pair.one)), "00000000 00000000 0002 03 " + inode_of(pair.one));
}
