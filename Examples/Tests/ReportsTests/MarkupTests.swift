import Testing

@testable import Reports

@Suite struct MarkupTests {
    /// No text and no value of an attribute can become markup.
    @Test func escapes() {
        let hostile = "<script>alert('1') & \"2\"</script>"
        let escaped = "&lt;script&gt;alert(&#39;1&#39;) &amp; &quot;2&quot;&lt;/script&gt;"
        let markup = Markup.element("p", ["title": hostile], .text(hostile))
        #expect(markup.html == "<p title=\"\(escaped)\">\(escaped)</p>")
        #expect(Markup.escaped("é 中 😀 ±") == "é 中 😀 ±")
    }

    @Test func nests() {
        let markup = Markup.element(
            "ul", [:], .element("li", ["a": "1", "b": "2"], "x"), .group(["y", .element("br")]))
        #expect(markup.html == "<ul><li a=\"1\" b=\"2\">x</li>y<br></ul>")
    }

    @Test func showsPictures() {
        let picture = Picture(png: [0, 1, 254, 255], width: 8, height: 9, description: "a \"b\"")
        #expect(
            picture.markup(caption: "c").html
                == "<figure><figcaption>c</figcaption><img src=\"data:image/png;base64,AAH+/w==\" "
                + "alt=\"a &quot;b&quot;\" width=\"8\" height=\"9\"></figure>")
    }

    /// Every element that begins ends, in the right order, and nothing comes from elsewhere.
    @Test func makesWholePages() throws {
        var page = Page(title: "a < b", introduction: [.element("p", [:], "one & two")])
        page.add("curves", LineChart(title: "t", curves: [.init("c", [(x: 1, y: 2), (x: 2, y: 3)])]).markup)
        page.add("table", ConfusionTable([[3, 1], [0, 2]], names: ["<", ">"]).markup)
        page.add("list", Listing([(name: "n", value: "<v>")]).markup)
        let html = page.html
        #expect(html.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"))
        #expect(html.contains("<title>a &lt; b</title>") && html.contains("<h1>a &lt; b</h1>"))
        #expect(!html.contains("<script") && !html.contains("http"))
        var open: [Substring] = []
        for tag in html.matches(of: /<(\/?)([a-z0-9]+)[^>]*>/) {
            if tag.1 == "/" {
                #expect(open.popLast() == tag.2)
            } else if !["meta", "img", "br"].contains(tag.2) {
                open.append(tag.2)
            }
        }
        #expect(open == [])
    }
}
