/// Panics that a stack trace shows, and base64.
#include "shared.hpp"

namespace {

/// What is after the calls keeps them from being made into jumps.
volatile int reached;

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

} // namespace

extern "C" [[gnu::noinline]] void conformance_deep(const std::string &text)
{
    reached = 1;
    wodehost::panic(text);
}

[[gnu::noinline]] void conformance_middle(const std::string &text)
{
    conformance_deep(text);
    reached = 2;
}

std::string to_base64(const wodehost::Raw &raw)
{
    std::string text;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (std::uint8_t byte : raw.bytes) {
        bits = bits << 8 | byte;
        for (count += 8; count >= 6; count -= 6) text += digits[bits >> (count - 6) & 63];
    }
    if (count > 0) text += digits[bits << (6 - count) & 63];
    while (text.size() % 4 > 0) text += '=';
    return text;
}

std::optional<wodehost::Raw> from_base64(std::string_view text)
{
    while (text.ends_with('=')) text.remove_suffix(1);
    wodehost::Raw raw;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (char digit : text) {
        std::size_t six = digits.find(digit);
        if (six == digits.npos) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(six);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        raw.bytes.push_back(static_cast<std::uint8_t>(bits >> count));
    }
    return raw;
}
