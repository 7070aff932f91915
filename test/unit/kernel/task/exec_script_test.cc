#include "kernel/task/exec_script.h"

#include <cstring>

namespace task = k::task;

namespace {

struct Script {
  std::array<std::byte, task::kProgramHeadBytes> head{};
  explicit Script(std::string_view text) { std::memcpy(head.data(), text.data(), std::min(text.size(), head.size())); }
  k::Result<task::ScriptLine> parse() const { return task::parse_script(task::ProgramHead(head)); }
};

}  // namespace

TEST(Script, SplitsInterpreterAndOneArgument) {
  const Script script{"#! /bin/sh  -x  -y \necho\n"};
  const auto line = script.parse();
  ASSERT_TRUE(line);
  EXPECT_EQ(line->interpreter, "/bin/sh");
  EXPECT_EQ(line->argument, "-x  -y");
}

TEST(Script, HasNoArgumentWhenOnlyBlanksFollow) {
  const Script script{"#!/bin/sh \t\n"};
  const auto line = script.parse();
  ASSERT_TRUE(line);
  EXPECT_FALSE(line->argument.has_value());
}

TEST(Script, RefusesALineWithoutInterpreter) {
  EXPECT_FALSE(Script{"#!\n"}.parse());
  EXPECT_FALSE(Script{"#!   \t \n"}.parse());
}

TEST(Script, AcceptsALineThatEndsWithTheFile) {
  const Script script{"#!/bin/true"};
  const auto line = script.parse();
  ASSERT_TRUE(line);
  EXPECT_EQ(line->interpreter, "/bin/true");
}

TEST(Script, RefusesAnInterpreterNameCutByTheBuffer) {
  const std::string text = "#!/" + std::string(300, 'a');
  EXPECT_FALSE(Script{text}.parse());
}

TEST(Script, AcceptsACutArgument) {
  const std::string text = "#!/bin/sh " + std::string(300, 'a');
  const Script script{text};
  const auto line = script.parse();
  ASSERT_TRUE(line);
  EXPECT_EQ(line->interpreter, "/bin/sh");
  EXPECT_TRUE(line->argument.has_value());
}

TEST(Script, IsOneOnlyWithBothCharacters) {
  EXPECT_TRUE(task::is_script(task::ProgramHead(Script{"#!x"}.head)));
  EXPECT_FALSE(task::is_script(task::ProgramHead(Script{"# comment"}.head)));
}
