/// What this program does when a test executes it: `argv[1]` is '@' and a name.
#pragma once

namespace systest {

int run_helper(int argc, char** argv);

}  // namespace systest
