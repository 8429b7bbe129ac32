/// What the three roles share.
#pragma once

#include <optional>
#include <string>

#include "sdk/wodehost.hpp"

/// Panics with a text, two calls deep.
void conformance_middle(const std::string &text);

std::string to_base64(const wodehost::Raw &raw);
/// Nullopt when `text` is no base64.
std::optional<wodehost::Raw> from_base64(std::string_view text);
