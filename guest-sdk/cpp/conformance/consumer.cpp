/// Logs what comes.
#include "shared.hpp"

using namespace wodehost;

namespace {

struct Consumer {
    std::optional<std::size_t> count;

    Result<void> consume(const Raw &raw_job, const Outcome &outcome)
    {
        auto job = WODEHOST_TRY(decode<Value>(raw_job.bytes));
        if (job == echo_of("consumer fails")) return std::unexpected(Failure::of("as asked"));
        if (job == echo_of("consumer throws")) conformance_middle("as asked");

        if (!count) count = WODEHOST_TRY(checkpoint::load<std::size_t>()).value_or(0);
        log::info("outcome " + to_base64(raw_job) + " " + outcome.worker + " " + name_of(outcome.status) + " " +
                  outcome.reason + " " + to_base64(outcome.raw_data));
        return checkpoint::save(++*count);
    }

    void on_emit(const Emitted &emitted)
    {
        log::info("emitted " + emitted.job_id + " " + std::to_string(emitted.attempt) + " " +
                  std::to_string(emitted.seq) + " " + to_base64(emitted.raw_data));
    }

    void finish() { log::info("finished " + std::to_string(count.value_or(0))); }

private:
    static Value echo_of(const char *text) { return Map{{"do", "echo"}, {"with", text}}; }
};

} // namespace

WODEHOST_CONSUMER(Consumer)
