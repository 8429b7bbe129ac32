/// Greets whom the job names.
#include "sdk/wodehost.hpp"

struct Guest {
    std::string name;
};
WODEHOST_RECORD(Guest, name)

std::string hello(const Guest &guest)
{
    return "Hello, " + guest.name + "!";
}
WODEHOST_WORKER(hello)
