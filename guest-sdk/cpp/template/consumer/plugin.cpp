/// Logs how each job ended, and how many succeeded in the end.
#include "sdk/wodehost.hpp"

struct Report {
    int count = 0, succeeded = 0;

    void consume(const wodehost::Value &, const wodehost::Outcome &outcome)
    {
        count++;
        succeeded += outcome.is_success();
        wodehost::log::info(outcome.id + ": " + name_of(outcome.status));
    }

    void finish()
    {
        wodehost::log::info(std::to_string(succeeded) + " of " + std::to_string(count) + " succeeded");
    }
};
WODEHOST_CONSUMER(Report)
