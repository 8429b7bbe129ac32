/// Has three people greeted by the worker that the configuration names.
#include "sdk/wodehost.hpp"

struct Config { std::string worker = "hello"; };
WODEHOST_RECORD_OR(Config, worker)

struct Guests {
    std::vector<std::string> names{"Ada", "Grace", "Katherine"};
    std::size_t greeted = 0;

    wodehost::Result<std::optional<wodehost::Dispatch>> next()
    {
        if (greeted == names.size()) return std::nullopt;
        auto config = WODEHOST_TRY(wodehost::host::config<Config>());
        return wodehost::Dispatch(config.worker).arg(wodehost::Map{{"name", names[greeted++]}});
    }
};
WODEHOST_PRODUCER(Guests)
