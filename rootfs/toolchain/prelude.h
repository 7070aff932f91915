/// Precompiled before every kernel source: the library headers that nearly all of them include, most of a file's compile
/// time. A source still includes what it uses; `make lint` compiles without this.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/intrusive/list.hpp>
#include <boost/intrusive/rbtree.hpp>
#include <boost/intrusive/slist.hpp>
#include <cstdint>
#include <cstring>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
