// SPDX-License-Identifier: MIT
import Testing

@testable import Service

/// W3C Trace Context, level 1, section 3.2.
@Suite struct TraceContextTests {
  private let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
  private let span = "00f067aa0ba902b7"

  @Test func whatOthersSendIsRead() throws {
    let context = try #require(TraceContext("00-\(trace)-\(span)-01"))
    #expect(context.trace == trace && context.span == span && context.isSampled)
    #expect(context.text == "00-\(trace)-\(span)-01")
    #expect(TraceContext("00-\(trace)-\(span)-00")?.isSampled == false)
    // Later versions may say more.
    #expect(TraceContext("cc-\(trace)-\(span)-03-more")?.isSampled == true)
  }

  @Test(arguments: [
    nil, "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
    "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
    "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
  ])
  func whatMakesNoSenseIsNone(_ text: String?) {
    #expect(TraceContext(text) == nil)
  }

  @Test func aPartBelongsToItsWhole() {
    let whole = TraceContext(below: nil)
    let part = TraceContext(below: whole)
    #expect(part.trace == whole.trace && part.span != whole.span)
    #expect(TraceContext(part.text) == part)
    #expect(TraceContext(below: nil).trace != whole.trace)
  }
}
