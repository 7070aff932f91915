/// Page frames for unit tests: host RAM, given to mm/phys once per process.
#pragma once

namespace k::test {

/// Call in a fixture's constructor or SetUpTestSuite; cheap when already done.
void use_host_ram();

}  // namespace k::test
