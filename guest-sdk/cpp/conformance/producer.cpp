/// Dispatches each configured request to each configured worker.
#include "shared.hpp"

using namespace wodehost;

namespace {

struct Numbers {
    std::optional<std::size_t> fail_at, throw_at;
    std::vector<std::string> requests, workers;

    static Result<Numbers> configured()
    {
        auto config = WODEHOST_TRY(host::config<Value>());
        Numbers numbers;
        auto part = [&]<class T>(const char *key, T &to) -> Result<void> {
            if (config[key].is<Nil>()) return {};
            to = WODEHOST_TRY(read_as<T>(write(config[key]), "bad-config"));
            return {};
        };
        WODEHOST_TRY(part("requests", numbers.requests));
        WODEHOST_TRY(part("workers", numbers.workers));
        WODEHOST_TRY(part("fail-at", numbers.fail_at));
        WODEHOST_TRY(part("throw-at", numbers.throw_at));
        return numbers;
    }
};

struct Producer {
    Result<std::optional<Dispatch>> next()
    {
        auto config = WODEHOST_TRY(Numbers::configured());
        std::size_t number = WODEHOST_TRY(checkpoint::load<std::size_t>()).value_or(0);

        if (number == config.fail_at) return std::unexpected(Failure::of("as configured"));
        if (number == config.throw_at) conformance_middle("as configured");
        if (number >= config.requests.size() * config.workers.size()) return std::nullopt;

        auto request = from_base64(config.requests[number / config.workers.size()]);
        if (!request) return fail("bad-config", "request " + std::to_string(number) + " is not in base64");
        WODEHOST_TRY(checkpoint::save(number + 1));
        return Dispatch(config.workers[number % config.workers.size()]).arg(*request).option("retries", 0);
    }
};

} // namespace

WODEHOST_PRODUCER(Producer)
