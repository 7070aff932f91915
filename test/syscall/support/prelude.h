/// What every test includes and takes longest to compile: only system headers, so that the precompiled form holds no path of
/// this tree.
#pragma once

#include <gtest/gtest.h>
