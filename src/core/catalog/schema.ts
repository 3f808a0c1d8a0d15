/**
 * The catalog's tables, as migrations: each runs once, in order, and is never edited after a release.
 */
import { RegistryError } from '../oci/error.ts'
import type { Database } from './database.ts'

export const MIGRATIONS: readonly (readonly string[])[] = [
  [
    'CREATE TABLE repositories (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT',

    // What the disk holds. `leaved`: its leaf hashes are known (or, for a single leaf, are the digest itself).
    `CREATE TABLE blobs (
      id INTEGER PRIMARY KEY,
      digest TEXT NOT NULL UNIQUE,
      size INTEGER NOT NULL,
      leaved INTEGER NOT NULL DEFAULT 0
    ) STRICT`,
    'CREATE INDEX blobs_without_leaves ON blobs (id) WHERE leaved = 0',

    // The sha-256 of each 1 MiB leaf, 32 bytes apiece, in order.
    'CREATE TABLE leaves (blob INTEGER PRIMARY KEY REFERENCES blobs ON DELETE CASCADE, hashes BLOB NOT NULL) STRICT',

    // A blob is served only in the repositories it is linked to.
    `CREATE TABLE links (
      repository INTEGER NOT NULL REFERENCES repositories,
      blob INTEGER NOT NULL REFERENCES blobs,
      PRIMARY KEY (repository, blob)
    ) STRICT, WITHOUT ROWID`,
    'CREATE INDEX links_by_blob ON links (blob)',

    `CREATE TABLE manifests (
      id INTEGER PRIMARY KEY,
      repository INTEGER NOT NULL REFERENCES repositories,
      blob INTEGER NOT NULL REFERENCES blobs,
      media_type TEXT NOT NULL,
      artifact_type TEXT,
      annotations TEXT,
      subject TEXT,
      UNIQUE (repository, blob)
    ) STRICT`,
    'CREATE INDEX manifests_by_blob ON manifests (blob)',
    'CREATE INDEX manifests_by_subject ON manifests (repository, subject) WHERE subject IS NOT NULL',

    // What a manifest needs: its config and layers, or its children. Not its subject, which is a weak link.
    `CREATE TABLE needs (
      manifest INTEGER NOT NULL REFERENCES manifests ON DELETE CASCADE,
      digest TEXT NOT NULL,
      PRIMARY KEY (manifest, digest)
    ) STRICT, WITHOUT ROWID`,

    `CREATE TABLE tags (
      repository INTEGER NOT NULL REFERENCES repositories,
      name TEXT NOT NULL,
      manifest INTEGER NOT NULL REFERENCES manifests,
      PRIMARY KEY (repository, name)
    ) STRICT, WITHOUT ROWID`,
    'CREATE INDEX tags_by_manifest ON tags (manifest)',

    // Every digest that a tag ever named, latest time of each.
    `CREATE TABLE tag_history (
      repository INTEGER NOT NULL REFERENCES repositories,
      name TEXT NOT NULL,
      digest TEXT NOT NULL,
      tagged_at INTEGER NOT NULL,
      PRIMARY KEY (repository, name, digest)
    ) STRICT, WITHOUT ROWID`,

    `CREATE TABLE uploads (
      id TEXT PRIMARY KEY,
      repository TEXT NOT NULL,
      algorithm TEXT NOT NULL,
      touched_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`,
    'CREATE INDEX uploads_by_touch ON uploads (touched_at)',

    // Digests whose file may stand on the disk without a row in blobs: written down before a file appears and
    // before one is removed, so that a start after a crash looks at these few and not at the whole disk. With the
    // upload that is being committed, if it is one, and its size.
    `CREATE TABLE doubts (
      digest TEXT PRIMARY KEY,
      upload TEXT,
      size INTEGER
    ) STRICT, WITHOUT ROWID`,
  ],
  [
    // Where a leaf lies that is not a blob by itself. The same leaf may be a part of many blobs.
    `CREATE TABLE blocks (
      hash BLOB NOT NULL,
      blob INTEGER NOT NULL REFERENCES blobs ON DELETE CASCADE,
      leaf INTEGER NOT NULL,
      PRIMARY KEY (hash, blob)
    ) STRICT, WITHOUT ROWID`,
    'CREATE INDEX blocks_by_blob ON blocks (blob)',

    // The inner nodes of DAGs, which no file holds.
    `CREATE TABLE nodes (
      hash BLOB NOT NULL,
      blob INTEGER NOT NULL REFERENCES blobs ON DELETE CASCADE,
      bytes BLOB NOT NULL,
      PRIMARY KEY (hash, blob)
    ) STRICT, WITHOUT ROWID`,
    'CREATE INDEX nodes_by_blob ON nodes (blob)',

    // The founding flow's list: written only after the pin has worked. `provided_at`: when the swarm was last told.
    `CREATE TABLE pins (
      blob INTEGER PRIMARY KEY REFERENCES blobs ON DELETE CASCADE,
      root TEXT NOT NULL,
      pinned_at INTEGER NOT NULL,
      provided_at INTEGER
    ) STRICT`,
    'CREATE INDEX pins_by_root ON pins (root)',
    'CREATE INDEX pins_by_provision ON pins (provided_at)',

    // Roots of blobs that are gone, whose pins have still to be taken back.
    'CREATE TABLE unpins (root TEXT PRIMARY KEY) STRICT, WITHOUT ROWID',
    `CREATE TRIGGER unpin_with_blob BEFORE DELETE ON blobs WHEN EXISTS (SELECT 1 FROM pins WHERE blob = old.id)
     BEGIN
       INSERT OR IGNORE INTO unpins SELECT root FROM pins WHERE blob = old.id;
     END`,

    // Blobs on their way here from elsewhere: the upload that gathers their verified leaves, also over a restart.
    `CREATE TABLE downloads (
      digest TEXT PRIMARY KEY,
      upload TEXT NOT NULL UNIQUE,
      touched_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`,

    // Which peers a blob came from, and how many bytes each gave.
    `CREATE TABLE origins (
      blob INTEGER NOT NULL REFERENCES blobs ON DELETE CASCADE,
      peer TEXT NOT NULL,
      bytes INTEGER NOT NULL,
      PRIMARY KEY (blob, peer)
    ) STRICT, WITHOUT ROWID`,

    // Peers ask for referrers without naming a repository.
    'CREATE INDEX manifests_by_any_subject ON manifests (subject) WHERE subject IS NOT NULL',

    // What Helia and libp2p remember: pins, known peers, provider records.
    'CREATE TABLE datastore (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID',
  ],
  [
    // `cached`: it came from peers, and no client ever pushed it. `used_at`: milliseconds since 1970, coarse; 0 for never.
    'ALTER TABLE blobs ADD COLUMN cached INTEGER NOT NULL DEFAULT 0',
    'ALTER TABLE blobs ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0',
    'ALTER TABLE manifests ADD COLUMN cached INTEGER NOT NULL DEFAULT 0',
    'ALTER TABLE manifests ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0',
    // The last push; NULL where none is known of.
    'ALTER TABLE manifests ADD COLUMN pushed_at INTEGER',

    // Until now only origins told what came from peers, also of what was pushed later. Tags are set by pushes alone.
    `UPDATE manifests SET pushed_at = (
       SELECT max(tagged_at) FROM tag_history JOIN blobs ON blobs.digest = tag_history.digest
       WHERE tag_history.repository = manifests.repository AND blobs.id = manifests.blob)`,
    'UPDATE manifests SET cached = 1 WHERE pushed_at IS NULL AND blob IN (SELECT blob FROM origins)',
    `UPDATE blobs SET cached = 1 WHERE id IN (SELECT blob FROM origins)
       AND id NOT IN (SELECT blob FROM manifests WHERE cached = 0)`,

    'CREATE INDEX blobs_by_use ON blobs (used_at) WHERE cached = 1',
    'CREATE INDEX manifests_by_use ON manifests (used_at) WHERE cached = 1',
    'CREATE INDEX needs_by_digest ON needs (digest)',
    'CREATE INDEX manifests_by_repository ON manifests (repository)', // in the order of their ids

    // Manifests that stay, with all that they need, however full the cache is.
    'CREATE TABLE kept (manifest INTEGER PRIMARY KEY REFERENCES manifests ON DELETE CASCADE) STRICT',

    // Of all blobs, by `cached`: no question about them reads a row of each.
    `CREATE TABLE totals (
      cached INTEGER PRIMARY KEY,
      blobs INTEGER NOT NULL,
      bytes INTEGER NOT NULL
    ) STRICT`,
    `INSERT INTO totals (cached, blobs, bytes)
     SELECT value, count(blobs.id), ifnull(sum(size), 0) FROM json_each('[0,1]')
     LEFT JOIN blobs ON cached = value GROUP BY value`,
    `CREATE TRIGGER count_blob AFTER INSERT ON blobs
     BEGIN
       UPDATE totals SET blobs = blobs + 1, bytes = bytes + new.size WHERE cached = new.cached;
     END`,
    `CREATE TRIGGER uncount_blob AFTER DELETE ON blobs
     BEGIN
       UPDATE totals SET blobs = blobs - 1, bytes = bytes - old.size WHERE cached = old.cached;
     END`,
    `CREATE TRIGGER recount_blob AFTER UPDATE OF cached ON blobs WHEN old.cached <> new.cached
     BEGIN
       UPDATE totals SET blobs = blobs - 1, bytes = bytes - old.size WHERE cached = old.cached;
       UPDATE totals SET blobs = blobs + 1, bytes = bytes + new.size WHERE cached = new.cached;
     END`,
  ],
  [
    // The peer on whose word this is listed as what refers to its subject; of no meaning for what was pushed. Who said so
    // of what came before is not known: it is listed again when a peer that is trusted lists it.
    'ALTER TABLE manifests ADD COLUMN vouched_by TEXT',

    // When a tag was set, by the newest record of it that each peer has signed. Of any repository, here or not.
    `CREATE TABLE tag_sightings (
      id INTEGER PRIMARY KEY,
      repository TEXT NOT NULL,
      tag TEXT NOT NULL,
      peer TEXT NOT NULL,
      tagged_at INTEGER NOT NULL,
      UNIQUE (repository, tag, peer)
    ) STRICT`,
  ],
  [
    // Whether bytes may have come for it: those of which that is known not to be go first. The disk has the last word.
    'ALTER TABLE uploads ADD COLUMN written INTEGER NOT NULL DEFAULT 1',
    'CREATE INDEX uploads_without_bytes ON uploads (touched_at) WHERE written = 0',

    // Whether it has manifests: whoever may push can make any number of repositories that no list shows.
    'ALTER TABLE repositories ADD COLUMN listed INTEGER NOT NULL DEFAULT 0',
    'UPDATE repositories SET listed = 1 WHERE id IN (SELECT repository FROM manifests)',
    'CREATE INDEX listed_repositories ON repositories (name) WHERE listed = 1',
    `CREATE TRIGGER list_repository AFTER INSERT ON manifests
     WHEN (SELECT listed FROM repositories WHERE id = new.repository) = 0
     BEGIN
       UPDATE repositories SET listed = 1 WHERE id = new.repository;
     END`,
    `CREATE TRIGGER unlist_repository AFTER DELETE ON manifests
     WHEN NOT EXISTS (SELECT 1 FROM manifests WHERE repository = old.repository)
     BEGIN
       UPDATE repositories SET listed = 0 WHERE id = old.repository;
     END`,
  ],
  [
    // Records of the DHT, of whatever other peers told: those are in memory from now on.
    "DELETE FROM datastore WHERE key >= '/dht/' AND key < '/dht0'",
  ],
  [
    // The size that the manifest states; NULL where it was written before sizes were, or states two.
    'ALTER TABLE needs ADD COLUMN size INTEGER',
    // What an upload holds that waits for a later start.
    'ALTER TABLE downloads ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0',
  ],
  [
    // Digests and tags that clients deleted from a repository: nothing brings them back there but a push. What is there
    // is not deleted any more, however it came; whoever brings it from peers asks first.
    `CREATE TABLE deletions (
      id INTEGER PRIMARY KEY,
      repository INTEGER NOT NULL REFERENCES repositories,
      reference TEXT NOT NULL,
      UNIQUE (repository, reference)
    ) STRICT`,
    ...['links', 'manifests'].map(
      (table) => `CREATE TRIGGER undelete_by_${table} AFTER INSERT ON ${table}
       BEGIN
         DELETE FROM deletions WHERE repository = new.repository
           AND reference = (SELECT digest FROM blobs WHERE id = new.blob);
       END`,
    ),
    `CREATE TRIGGER undelete_by_tags AFTER INSERT ON tags
     BEGIN
       DELETE FROM deletions WHERE repository = new.repository AND reference = new.name;
     END`,
  ],
  [
    // A tag that was taken from a peer: whose it is, when that peer set it, and when it was last asked for it. NULL for
    // what clients set here, whose times stand in the history.
    'ALTER TABLE tags ADD COLUMN peer TEXT',
    'ALTER TABLE tags ADD COLUMN tagged_at INTEGER',
    'ALTER TABLE tags ADD COLUMN checked_at INTEGER',
  ],
  [
    // Addresses under which pages of this registry keep images in browsers, each a store of its own.
    'CREATE TABLE page_addresses (origin TEXT PRIMARY KEY, used_at INTEGER NOT NULL) STRICT',
  ],
  [
    // Links to blobs that no manifest of the repository needs: what a push sends before its manifest, or leaves behind.
    `CREATE TABLE orphans (
      blob INTEGER NOT NULL,
      repository INTEGER NOT NULL,
      PRIMARY KEY (blob, repository),
      FOREIGN KEY (repository, blob) REFERENCES links ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID`,
    `INSERT INTO orphans (blob, repository)
     SELECT links.blob, links.repository FROM links JOIN blobs ON blobs.id = links.blob
     WHERE NOT EXISTS (
       SELECT 1 FROM needs CROSS JOIN manifests ON manifests.id = needs.manifest
       WHERE needs.digest = blobs.digest AND manifests.repository = links.repository)`,
    // What nobody has used since uses are written down has its time from now on.
    `UPDATE blobs SET used_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000
     WHERE used_at = 0 AND id IN (SELECT blob FROM orphans)`,
    `CREATE TRIGGER orphan_with_link AFTER INSERT ON links WHEN NOT EXISTS (
       SELECT 1 FROM needs CROSS JOIN manifests ON manifests.id = needs.manifest
       WHERE needs.digest = (SELECT digest FROM blobs WHERE id = new.blob)
         AND manifests.repository = new.repository)
     BEGIN
       INSERT INTO orphans (blob, repository) VALUES (new.blob, new.repository);
     END`,
    `CREATE TRIGGER adopt_with_need AFTER INSERT ON needs
     BEGIN
       DELETE FROM orphans WHERE blob = (SELECT id FROM blobs WHERE digest = new.digest)
         AND repository = (SELECT repository FROM manifests WHERE id = new.manifest);
     END`,
    `CREATE TRIGGER orphan_with_manifest BEFORE DELETE ON manifests
     BEGIN
       INSERT OR IGNORE INTO orphans (blob, repository)
       SELECT blobs.id, old.repository FROM needs
       CROSS JOIN blobs ON blobs.digest = needs.digest
       CROSS JOIN links ON links.repository = old.repository AND links.blob = blobs.id
       WHERE needs.manifest = old.id AND NOT EXISTS (
         SELECT 1 FROM needs AS other CROSS JOIN manifests ON manifests.id = other.manifest
         WHERE other.digest = needs.digest AND manifests.id <> old.id
           AND manifests.repository = old.repository);
     END`,
    // Repositories that never came to hold anything, or do no longer.
    `DELETE FROM repositories WHERE listed = 0
       AND NOT EXISTS (SELECT 1 FROM links WHERE repository = repositories.id)
       AND NOT EXISTS (SELECT 1 FROM tag_history WHERE repository = repositories.id)
       AND NOT EXISTS (SELECT 1 FROM deletions WHERE repository = repositories.id)`,
  ],
]

/** Brings the tables up to date. @throws RegistryError UNAVAILABLE where they were written by a newer version */
export async function migrate(database: Database): Promise<void> {
  const version = await versionOf(database)
  if (version > MIGRATIONS.length) {
    throw new RegistryError(
      'UNAVAILABLE',
      `the catalog was written by a newer flotilla (version ${version}, known are those up to ${MIGRATIONS.length}); use that one`,
    )
  }
  for (let next = version; next < MIGRATIONS.length; next++) {
    await database.transaction(async (run) => {
      for (const statement of MIGRATIONS[next]!) await run(statement)
      await run(`PRAGMA user_version = ${next + 1}`)
    })
  }
}

async function versionOf(database: Database): Promise<number> {
  const [row] = await database.run<{ user_version: number }>('PRAGMA user_version')
  return row?.user_version ?? 0
}
