//! Label values that could be taken for something else.

use crate::text::{assert_sample, http, list, member, parse, probe, samples, tcp};
use netring_core::{Event, MetricSink, Outcome, PrometheusSink, Source, testing::sample::id};

#[test]
fn quotes_and_backslashes_are_escaped_and_the_rest_stays() {
    for (text, written) in [
        (r#"a"b"#, r#"a\"b"#),
        (r"a\b", r"a\\b"),
        (r"a\nb", r"a\\nb"),
        (r#"\"#, r"\\"),
        (r#"",evil="1"} 1"#, r#"\",evil=\"1\"} 1"#),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("a{b=c,d} #", "a{b=c,d} #"),
        ("Zürich 東京 🦀", "Zürich 東京 🦀"),
    ] {
        let sink = PrometheusSink::new();
        let odd = member(text, text, "10.0.0.2");
        list(&sink, std::slice::from_ref(&odd));
        let source = Source { instance_id: id(text), location: text.parse().unwrap() };
        sink.record(&Event::Probe { source: &source, report: &tcp(&odd, Outcome::Success) });
        let got = samples(&sink);
        let last_seen =
            format!("netring_member_last_seen_timestamp{{instance_id=\"{written}\",location=\"{written}\"}}");
        assert_sample(&got, &last_seen, 1_700_000_000.0);
        let up = format!(
            "netring_connectivity_tcp{{source_instance=\"{written}\",source_location=\"{written}\",\
             target_instance=\"{written}\",target_ip=\"10.0.0.2\",target_location=\"{written}\"}}"
        );
        assert_sample(&got, &up, 1.0);
        list(&sink, &[]);
        assert!(!sink.render().contains("10.0.0.2"), "an odd name can leave too");
    }
}

#[test]
fn an_endpoint_with_a_query_is_a_value_like_any_other() {
    let sink = PrometheusSink::new();
    let b = member("b", "us1", "10.0.0.2");
    probe(&sink, &http(&b, "/health?a={1}&b=\\,'", Outcome::Success, None));
    let text = sink.render();
    assert!(text.contains(r#"endpoint="/health?a={1}&b=\\,'""#), "{text}");
    parse(&text);
}
