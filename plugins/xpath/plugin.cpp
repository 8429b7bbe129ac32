/// Picks texts out of an XML document by XPath 1.0, with pugixml as it is.
///
///     wodehost build .
///     wodehost call xpath.wasm '{"xml": "<menu><tea price=\"2\">Assam</tea></menu>",
///         "select": {"teas": "//tea", "prices": "//tea/@price", "sum": "sum(//@price)"}}'
///
/// `xml` is text, or binary in the encoding that it says itself. `select` is one path, for
/// an array of texts, or a map of names and paths, for a map of arrays. Names are compared
/// as they are written, prefix and all.
#include <algorithm>
#include <map>

#include "pugixml/pugixml.hpp"
#include "sdk/wodehost.hpp"

using namespace wodehost;

struct Query {
    Value xml, select;
};
WODEHOST_RECORD(Query, xml, select)

static Result<void> load(pugi::xml_document &document, const Value &xml)
{
    std::string_view source;
    const std::string *text = xml.get_if<std::string>();
    const Bytes *bytes = xml.get_if<Bytes>();
    if (text) source = *text;
    else if (bytes) source = {reinterpret_cast<const char *>(bytes->data()), bytes->size()};
    else return fail("bad-argument", "at `.xml`: expected a string or binary");
    auto encoding = text ? pugi::encoding_utf8 : pugi::encoding_auto;
    auto end = document.load_buffer(source.data(), source.size(), pugi::parse_default, encoding);
    if (end) return {};
    Map failure{{"code", "xml"}, {"message", end.description()}, {"offset", end.offset}};
    // In other encodings the offset is that in the text as UTF-8, which is gone.
    if (end.encoding == pugi::encoding_utf8) {
        auto line = 1 + std::ranges::count(source.substr(0, end.offset), '\n');
        failure[1].second = "line " + std::to_string(line) + ": " + end.description();
        failure.push_back({"line", line});
    }
    return std::unexpected(Failure::of(failure));
}

static std::string text_of(const pugi::xpath_query &query, const pugi::xpath_node &node)
{
    std::string text(query.evaluate_string(nullptr, 0, node), '\0');
    query.evaluate_string(text.data(), text.size(), node);
    text.pop_back();
    return text;
}

static Result<Value> pick(const pugi::xml_document &document, const std::string &path)
{
    pugi::xpath_query query(path.c_str());
    if (auto &made = query.result(); !made) {
        auto message = "`" + path + "` at " + std::to_string(made.offset) + ": " + made.description();
        return std::unexpected(
            Failure::of(Map{{"code", "xpath"}, {"message", message}, {"path", path}, {"position", made.offset}}));
    }
    if (query.return_type() != pugi::xpath_type_node_set) return Array{text_of(query, document)};
    Array texts;
    pugi::xpath_query text("string()");
    auto nodes = query.evaluate_node_set(document);
    nodes.sort();
    for (auto &node : nodes) texts.push_back(text_of(text, node));
    return texts;
}

static Result<Value> select(const Query &query)
{
    pugi::xml_document document;
    WODEHOST_TRY(load(document, query.xml));
    if (auto path = query.select.get_if<std::string>()) return pick(document, *path);
    using Paths = std::map<std::string, std::string>;
    Map picked;
    for (auto &[name, path] : WODEHOST_TRY(read_as<Paths>(write(query.select), "bad-argument")))
        picked.push_back({name, WODEHOST_TRY(pick(document, path))});
    return picked;
}
WODEHOST_WORKER(select)
