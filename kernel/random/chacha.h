/// The ChaCha20 block function.
/// Source: RFC 8439, 2.3.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace k::random {

using ChachaKey = std::array<std::uint32_t, 8>;
using ChachaNonce = std::array<std::uint32_t, 3>;
using ChachaBlock = std::array<std::uint32_t, 16>;

ChachaBlock chacha20_block(const ChachaKey& key, std::uint32_t counter, const ChachaNonce& nonce);

}  // namespace k::random
