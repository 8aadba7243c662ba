// SPDX-License-Identifier: MIT

/// The tables of the service, in all versions that there have been.
enum JobSchema {
  /// The statements that lead to each version from the one before it.
  ///
  /// - Parameter identity: How the database declares a primary key that it counts up by itself.
  static func versions(identity: String) -> [[String]] {
    [
      [
        """
        CREATE TABLE job (
          sequence \(identity),
          id text NOT NULL UNIQUE,
          client text NOT NULL,
          kind text NOT NULL,
          key text NOT NULL,
          sourceKey text,
          settings text NOT NULL,
          inputs text NOT NULL,
          name text NOT NULL,
          audioSeconds double precision NOT NULL,
          createdAt double precision NOT NULL,
          state text NOT NULL,
          version integer NOT NULL,
          progress double precision NOT NULL,
          stage text,
          secondsLeft double precision,
          startedAt double precision,
          finishedAt double precision,
          expiresAt double precision,
          attempt integer NOT NULL,
          worker text,
          leaseUntil double precision,
          result text,
          failure text)
        """,
        "CREATE INDEX jobsByState ON job (state)",
        "CREATE INDEX jobsByKey ON job (key, state)",
        "CREATE INDEX jobsByClient ON job (client, sequence)",
        // Whose turn it is must not be forgotten with the jobs.
        "CREATE TABLE turn (client text PRIMARY KEY NOT NULL, lastBegun double precision NOT NULL)",
      ],
      [
        "ALTER TABLE job ADD COLUMN trace text",
        "ALTER TABLE job ADD COLUMN terms text",
        "CREATE TABLE folder (id text PRIMARY KEY NOT NULL)",
        "CREATE INDEX jobsBySource ON job (sourceKey)",
        "CREATE INDEX jobsByExpiry ON job (expiresAt)",
      ],
    ]
  }
}
