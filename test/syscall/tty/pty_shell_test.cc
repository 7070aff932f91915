/// Shells on a pseudo-terminal, as a terminal emulator runs them: prompts, job control, the end.
#include <cstdlib>

#include "tty/pair.h"

using namespace systest;

class PtyShellTest : public Pair {
 protected:
  /// Runs the program on the slave as leader of a session that has it as its terminal.
  void start(std::initializer_list<const char*> words) {
    change([](termios& t) { t.c_lflag |= ECHO; });
    std::vector<char*> argv;
    for (const char* word : words) argv.push_back(const_cast<char*>(word));
    argv.push_back(nullptr);
    shell = fork();
    ASSERT_NE(shell, -1);
    if (shell == 0) {
      master.reset();
      setsid();
      ioctl(slave, TIOCSCTTY, 0);
      for (int fd = 0; fd < 3; fd++) dup2(slave, fd);
      if (slave > 2) slave.reset();
      setenv("PS1", "ready> ", 1);
      setenv("TERM", "dumb", 1);
      setenv("PATH", "/usr/bin:/bin:/usr/sbin:/sbin", 1);
      execvp(argv[0], argv.data());
      _exit(127);
    }
    slave.reset();
  }
  void start_bash() {
    start({"bash", "--norc", "--noprofile", "-i"});
    expect("ready> ");
  }
  /// Reads until `text` has come since the last one expected; answers what came before it.
  std::string expect(std::string_view text) {
    for (;;) {
      const auto at = unread.find(text);
      if (at != std::string::npos) {
        const std::string before = unread.substr(0, at);
        unread.erase(0, at + text.size());
        return before;
      }
      char buffer[1024];
      const ssize_t n = (await(master, POLLIN) & POLLIN) != 0 ? read(master, buffer, sizeof buffer) : 0;
      if (n <= 0) {
        ADD_FAILURE() << "no '" << text << "' in '" << unread << "'";
        return {};
      }
      unread.append(buffer, (std::size_t)n);
    }
  }
  /// Types a command and answers what it prints.
  std::string command(std::string_view text) {
    type(std::string(text) + "\n");
    expect("\n");
    return expect("ready> ");
  }
  /// Types `key` once a job that is a process named `name` is in the foreground and asleep.
  void press_when_running(const char* key) {
    for (int tries = 0; tries < 5000; tries++) {
      pid_t group = 0;
      ASSERT_OK(ioctl(master, TIOCGPGRP, &group));
      const std::string stat = slurp(("/proc/" + std::to_string(group) + "/stat").c_str());
      if (group > 0 && group != shell && stat.find("(sleep)") != std::string::npos) break;
      usleep(1000);
    }
    type(key);
  }
  int wait_for_shell() {
    int status = -1;
    EXPECT_EQ(waitpid(shell, &status, 0), shell);
    return outcome(status);
  }

  pid_t shell = -1;
  std::string unread;
};

TEST_F(PtyShellTest, BashKnowsItsTerminal) {
  start_bash();
  EXPECT_EQ(command("tty"), path() + "\r\n");
  EXPECT_EQ(command("test -t 0 -a -t 1 && echo yes"), "yes\r\n");
  EXPECT_EQ(command("echo via-tty > /dev/tty"), "via-tty\r\n");
  const winsize wanted{40, 132, 0, 0};
  ASSERT_OK(ioctl(master, TIOCSWINSZ, &wanted));
  EXPECT_EQ(command("stty size"), "40 132\r\n");
  type("exit 7\n");
  EXPECT_EQ(wait_for_shell(), 7);
}

TEST_F(PtyShellTest, BashStopsContinuesAndEndsJobs) {
  start_bash();
  type("sleep 500\n");
  press_when_running("\x1a");
  expect("Stopped");
  expect("ready> ");
  EXPECT_NE(command("jobs").find("Stopped"), std::string::npos);
  command("bg");
  EXPECT_NE(command("jobs").find("Running"), std::string::npos);
  type("fg\n");
  press_when_running("\x03");
  expect("^C");
  expect("ready> ");
  EXPECT_EQ(command("echo $?"), "130\r\n");
  EXPECT_EQ(command("jobs"), "");
}

TEST_F(PtyShellTest, BackgroundJobThatReadsIsStopped) {
  start_bash();
  command("cat &");
  for (int tries = 0; tries < 100; tries++) {
    if (command("jobs").find("Stopped") != std::string::npos) return;
    usleep(20'000);
  }
  ADD_FAILURE() << "still not stopped";
}

TEST_F(PtyShellTest, ReadlineEditsTheLine) {
  start_bash();
  type(
      "echo wrong\x01\x0b"
      "echo right\n");  // to the beginning, kill to the end
  expect("\n");
  EXPECT_EQ(expect("ready> "), "right\r\n");
  type("\x10");  // the one before
  expect("echo right");
  type("\n");
  expect("\n");
  EXPECT_EQ(expect("ready> "), "right\r\n");
}

TEST_F(PtyShellTest, EndOfFileEndsTheShell) {
  start_bash();
  type("\x04");
  EXPECT_EQ(wait_for_shell(), 0);
  char byte;
  while (read(master, &byte, 1) == 1) {
  }
  EXPECT_EQ(errno, EIO);
}

TEST_F(PtyShellTest, ClosedTerminalEndsTheShellAndItsJobs) {
  start_bash();
  command("sleep 1000 & echo $!");
  master.reset();
  const int how = wait_for_shell();
  EXPECT_TRUE(how == 128 + SIGHUP || how == 0)
      << how << ": by the signal, or by the end of input if that was seen first";
}

TEST_F(PtyShellTest, AshRunsOnItToo) {
  start({"busybox", "sh", "-i"});
  expect("ready> ");
  type("sleep 500\n");
  press_when_running("\x03");
  expect("ready> ");
  EXPECT_EQ(command("echo $?"), "130\r\n");
  type("exit\n");
  EXPECT_EQ(wait_for_shell(), 0);
}

TEST_F(PtyShellTest, MuchOutputArrivesWhole) {
  start_bash();
  const std::string out = command("for i in {1..3000}; do echo line $i; done");
  std::string all;
  for (int i = 1; i <= 3000; i++) all += "line " + std::to_string(i) + "\r\n";
  EXPECT_EQ(out, all);
}
