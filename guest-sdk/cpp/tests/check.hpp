/// Tests in the manner of the C SDK's: TEST(a_sentence) { CHECK(…); }.
#pragma once

#include <string>

extern "C" {
#include "../../c/tests/check.h"
#include "../../c/tests/host.h"
}

#include "sdk/wodehost.hpp"

/// The bytes of hexadecimal digits, and the digits of what is written.
inline wodehost::Bytes bytes_of(const char *hex)
{
    wode_value bytes = from_hex(hex);
    return wodehost::Bytes(bytes.bytes, bytes.bytes + bytes.size);
}

template <class T>
std::string hex(const T &value)
{
    return hex_of(wodehost::write(value));
}

/// The message of a failure with its code before it; "" of what is none.
template <class T>
std::string told(const wodehost::Result<T> &result)
{
    return result ? "" : result.error().code() + ": " + result.error().message();
}

#define CHECK_SAME(got, wanted) check_texts(std::string(got).c_str(), wanted, __FILE__, __LINE__)
