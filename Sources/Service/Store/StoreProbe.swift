// SPDX-License-Identifier: MIT
import Foundation

/// Looks whether a store can be used.
public enum StoreProbe {
  /// The server that keeps the jobs, such as “PostgreSQL 15.18”; nothing is changed there.
  ///
  /// - Parameter url: `postgres://USER:PASSWORD@HOST/DATABASE`.
  /// - Throws: `invalid` for another URL, `unavailable` where the server does not answer or lets nothing be made.
  public static func server(_ url: String) throws(ServiceError) -> String {
    guard PostgreSQLDatabase.isURL(url) else {
      throw ServiceError(.invalid, "The store is not postgres://USER@HOST/DATABASE.")
    }
    do {
      let connection = try PostgreSQLConnection(url: url)
      let row = try connection.run(
        """
        SELECT current_setting('server_version') AS version,
        has_schema_privilege(current_schema(), 'CREATE')::text AS allowed
        """, []
      ).rows.first
      guard row?.textIfAny("allowed") == "true" else {
        throw ServiceError(
          .unavailable, "The user of the store may not make tables in its database.")
      }
      return "PostgreSQL \(row?.textIfAny("version") ?? "")"
    } catch let error as ServiceError { throw error } catch {
      throw ServiceError(.unavailable, "The store does not answer.", detail: "\(error)")
    }
  }
}
