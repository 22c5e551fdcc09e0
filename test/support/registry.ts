import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";
import type { TestRepository } from "./repository.ts";

type Manifest = Readonly<Record<string, unknown>> & { readonly name: string; readonly version: string };

/** A package registry on this machine that has a few packages and no other. */
export interface Registry {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves tarballs as npm's registry does (https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md), so that
 * package managers install what is here by its name, without the network.
 * @param scratch where tarballs are looked into
 */
export async function serveRegistry(scratch: TestRepository, tarballs: readonly string[]): Promise<Registry> {
  const packages = new Map<string, { manifest: Manifest; file: string }>();
  for (const file of tarballs) {
    const text = scratch.run("tar", ["-xzOf", file, "package/package.json"]).stdout;
    const manifest = JSON.parse(text) as Manifest;
    packages.set(manifest.name, { manifest, file });
  }
  for (const found of [...packages.values()]) addForeignParts(packages, found);
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? "/").split("?")[0] ?? "").slice(1);
    const [name = "", file] = path.split("/-/");
    const found = packages.get(name);
    if (found === undefined) response.writeHead(404).end("{}");
    else if (file !== undefined) response.end(readFileSync(found.file));
    else response.setHeader("content-type", "application/json").end(JSON.stringify(describe(found, url())));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url(),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Packages for other platforms are named by those that need them, asked about by some managers, and never fetched. */
function addForeignParts(
  packages: Map<string, { manifest: Manifest; file: string }>,
  { manifest, file }: { manifest: Manifest; file: string },
) {
  const optional = (manifest.optionalDependencies ?? {}) as Record<string, string>;
  for (const [name, range] of Object.entries(optional)) {
    if (packages.has(name)) continue;
    const os = /darwin|win32|linux/.exec(name)?.[0] ?? "none";
    // Named so that it fits nowhere: nobody is to install it here.
    packages.set(name, { file, manifest: { name, version: range.replace(/^[^\d]*/, ""), os: [os], cpu: ["none"] } });
  }
}

function describe({ manifest, file }: { manifest: Manifest; file: string }, url: string) {
  const { name, version } = manifest;
  const content = readFileSync(file);
  const dist = {
    tarball: `${url}/${name}/-/${basename(file)}`,
    integrity: `sha512-${createHash("sha512").update(content).digest("base64")}`,
    shasum: createHash("sha1").update(content).digest("hex"),
  };
  // Managers may be told not to take what is brand-new.
  const published = "2026-01-01T00:00:00.000Z";
  return {
    name,
    "dist-tags": { latest: version },
    versions: { [version]: { ...manifest, dist } },
    time: { created: published, modified: published, [version]: published },
  };
}
