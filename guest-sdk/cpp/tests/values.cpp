/// Values, and C++'s types as values.
#include <fstream>
#include <sstream>

#include "check.hpp"

using namespace wodehost;

struct Guest {
    std::string name;
    std::optional<int> born;
    std::vector<std::string> tags;
    friend bool operator==(const Guest &, const Guest &) = default;
};
WODEHOST_RECORD(Guest, name, born, tags)

struct Party {
    std::vector<Guest> guests;
    std::map<std::string, double> bill;
};
WODEHOST_RECORD(Party, guests, bill)

struct Settings {
    int size = 10;
    std::string colour = "blue";
};
WODEHOST_RECORD_OR(Settings, size, colour)

/// The bytes of `HEX…`, where `HEX*N` stands for N times these.
static Bytes vector_of(const std::string &line)
{
    std::istringstream parts(line);
    Bytes all;
    for (std::string part; parts >> part;) {
        std::size_t star = part.find('*');
        long times = star == part.npos ? 1 : std::stol(part.substr(star + 1));
        Bytes once = bytes_of(part.substr(0, star).c_str());
        for (; times > 0; times--) all.insert(all.end(), once.begin(), once.end());
    }
    return all;
}

TEST(every_vector_comes_out_byte_for_byte)
{
    std::ifstream file(vectors_path);
    int count = 0;
    for (std::string line; std::getline(file, line);) {
        std::size_t colon = line.find(": ");
        if (line.starts_with('#') || colon == line.npos) continue;
        Bytes bytes = vector_of(line.substr(colon + 2));
        auto value = decode<Value>(bytes);
        auto raw = decode<Raw>(bytes);
        check_that(value && raw && encode(*value) == bytes && encode(*raw) == bytes, line.substr(0, colon).c_str(),
                   vectors_path, count++);
    }
    CHECK(count > 100);
}

template <class T>
static bool comes_back(const T &value)
{
    auto bytes = encode(value);
    return bytes && decode<T>(*bytes) == value;
}

TEST(types_are_written_as_values_and_come_back)
{
    CHECK_SAME(hex(std::vector<int>{1, -1}), "9201ff");
    CHECK_SAME(hex(std::make_tuple(1, "a", 1.5f)), "9301a161ca3fc00000");
    CHECK_SAME(hex(std::map<std::string, bool>{{"a", true}}), "81a161c3");
    CHECK_SAME(hex(Bytes{1, 2}), "c4020102");
    CHECK_SAME(hex(std::optional<int>()), "c0");
    CHECK_SAME(hex(std::string_view("a\0b", 3)), "a3610062");
    CHECK_SAME(hex(Guest{"Ada", 1815, {"maths"}}), "83a46e616d65a3416461a4626f726ecd0717a47461677391a56d61746873");
    CHECK(comes_back(Guest{"Ada", 1815, {"maths"}}));
    CHECK(comes_back(std::uint64_t(-1)));
    CHECK(comes_back(std::int64_t(1) << 63));
    CHECK(comes_back(std::pair<int, std::string>(1, "x")));
    CHECK(comes_back(std::unordered_map<int, float>{{1, 0.5f}, {2, -1.0f}}));
    CHECK(comes_back(Ext{-128, {1, 2, 3}}));
    CHECK(comes_back(std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(-1))));
    CHECK(comes_back(std::chrono::sys_seconds(std::chrono::seconds(1) * (1ll << 40))));
}

TEST(integers_are_as_wide_as_they_are)
{
    CHECK(Value(std::uint64_t(7)).is<std::int64_t>());
    CHECK(Value(UINT64_MAX).is<std::uint64_t>());
    CHECK(Value(1) == Value(1u));
    CHECK(!(Value(1) == Value(1.0)));
    CHECK(!(Value(1.0f) == Value(1.0)));
    CHECK(!(Value(true) == Value(1)));
}

TEST(a_value_is_looked_into)
{
    Value value = Map{{"a", Array{1, "x"}}, {2, Nil{}}};
    CHECK(value["a"].get_if<Array>()->size() == 2);
    CHECK(value["b"].is<Nil>());
    CHECK(Value(1)["a"].is<Nil>());
}

TEST(members_with_defaults_may_be_missing)
{
    auto settings = decode<Settings>(bytes_of("81a473697a6505"));
    CHECK(settings && settings->size == 5 && settings->colour == "blue");
    auto guest = decode<Guest>(bytes_of("82a46e616d65a141a47461677390"));
    CHECK(guest && !guest->born);
}

TEST(what_does_not_fit_says_where)
{
    Value wrong = Map{{"guests", Array{Map{{"name", "A"}, {"tags", Array{"x", 5}}}}}, {"bill", Map{}}};
    CHECK_SAME(told(read_as<Party>(write(wrong), "bad-argument")),
               "bad-argument: at `.guests[0].tags[1]`: expected a string, found the integer `5`");
    wrong = Map{{"guests", Array{}}, {"bill", Map{{"wine", "much"}}}};
    CHECK_SAME(told(read_as<Party>(write(wrong), "bad-value")),
               "bad-value: at `.bill.wine`: expected a number, found a string");
    CHECK_SAME(told(decode<Guest>(bytes_of("80"))), "bad-value: at `.name`: nothing is there");
    CHECK_SAME(told(decode<Guest>(bytes_of("07"))), "bad-value: expected a map for Guest, found the integer `7`");
    CHECK_SAME(told(decode<std::int8_t>(bytes_of("cc80"))),
               "bad-value: expected an integer of 8 bits, found the integer `128`");
    CHECK_SAME(told(decode<unsigned>(bytes_of("ff"))),
               "bad-value: expected an integer of 32 bits, not negative, found the integer `-1`");
    CHECK_SAME(told(decode<std::tuple<int, int>>(bytes_of("9101"))),
               "bad-value: expected an array of length 2, found an array of length 1");
    CHECK_SAME(told(decode<int>(bytes_of("cb3ff0000000000000"))),
               "bad-value: expected an integer of 32 bits, found a float");
    CHECK_SAME(told(decode<float>(bytes_of("cb7e37e43c8800759c"))),
               "bad-value: expected a number of 32 bits, found a float");
    CHECK_SAME(told(decode<int>(bytes_of("92"))), "bad-value: no value: it is not well-formed");
}

TEST(what_cannot_be_written_says_where)
{
    CHECK_SAME(told(encode(Map{{"names", Array{"a", "\xff"}}})), "bad-value: at .names[1]: a text that is not UTF-8");
    Value deep;
    for (int i = 0; i < 65; i++) deep = Array{deep};
    CHECK_SAME(told(encode(deep)).substr(0, 20), "bad-value: at [0][0]");
}

TEST(failures_are_maps_or_any_value)
{
    CHECK_SAME(hex(Failure("code", "text").because("a").because("b").value()),
               "83a4636f6465a4636f6465a76d657373616765a474657874a663617573657392a161a162");
    CHECK_SAME(hex(Failure("text").value()), "81a76d657373616765a474657874");
    CHECK_SAME(hex(Failure::of(7).value()), "07");
}

static Result<int> doubled(Result<int> n)
{
    return WODEHOST_TRY(n) * 2;
}

TEST(a_failure_is_handed_up)
{
    CHECK(doubled(4) == 8);
    CHECK_SAME(told(doubled(fail("code", "text"))), "code: text");
}
