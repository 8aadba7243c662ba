// SPDX-License-Identifier: MIT
import HTTPTypes
import Hummingbird

/// `/v1/jobs`: how jobs stand, and their end.
struct JobResource: Sendable {
  let resources: Resources

  private struct List: Encodable {
    let jobs: [JobDocument]
  }

  func register(in routes: RouteTable) {
    routes.get("/v1/jobs") { request, context in
      var fields = try RequestFields(query: request)
      let limit = try fields.integer("limit", in: 1...100) ?? 20
      let before = fields.take("before")
      try fields.finish()
      let identifier = before.flatMap { JobID($0) }
      if before != nil, identifier == nil {
        throw ServiceError(.invalid, "before: the identifier of a job is expected.")
      }
      let jobs = try await resources.queue.store.jobs(
        of: context.client, before: identifier, limit: limit)
      let standings = try await resources.queue.standings(jobs)
      return .json(List(jobs: standings.map(JobDocument.init)))
    }
    routes.get("/v1/jobs/:id") { _, context in
      let job = try await resources.job(context)
      return .json(JobDocument(try await resources.queue.standing(job)))
    }
    routes.delete("/v1/jobs/:id") { _, context in
      let job = try await resources.job(context)
      guard job.state.isFinal else {
        let cancelled = try await resources.queue.cancel(job)
        return .json(
          JobDocument(try await resources.queue.standing(cancelled)), status: .accepted)
      }
      try await resources.queue.remove(job)
      return Response(status: .noContent)
    }
  }
}
