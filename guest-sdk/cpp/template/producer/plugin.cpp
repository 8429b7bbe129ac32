/// Has three people greeted by the worker that the configuration names.
#include "sdk/wodehost.hpp"

struct Config { std::string worker = "hello"; };
WODEHOST_RECORD_OR(Config, worker)
struct Guest { std::string name; };
WODEHOST_RECORD(Guest, name)

struct Guests {
    std::vector<std::string> names{"Katherine", "Grace", "Ada"};

    wodehost::Result<std::optional<wodehost::Dispatch>> next()
    {
        if (names.empty()) return std::nullopt;
        auto [worker] = WODEHOST_TRY(wodehost::host::config<Config>());
        Guest guest{std::move(names.back())};
        names.pop_back();
        return wodehost::Dispatch(worker).arg(guest);
    }
};
WODEHOST_PRODUCER(Guests)
