/** Put in by the build: the version in package.json. */
declare const __BULKHEAD_VERSION__: string;

/** Put in by the build: the version of `libsql` that package.json names. Not there where sources run as they are. */
declare const __LIBSQL_VERSION__: string | undefined;

/** Put in by the build: the embedded store's steps, so that no command has to read them. Not there as above. */
declare const __SQLITE_STEPS__: readonly { readonly name: string; readonly checksum: string }[] | undefined;
