/// Writes plugins for Wodehost in C++23. README.md is the tutorial, REFERENCE.md the list
/// of everything. It stands on the C SDK in `c/`, which does MessagePack and the calls.
#pragma once

#include "calls.hpp"
#include "convert.hpp"
#include "failure.hpp"
#include "jobs.hpp"
#include "roles.hpp"
#include "value.hpp"
