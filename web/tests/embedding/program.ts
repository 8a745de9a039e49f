// The command line, as the embedding tests run it.

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { join } from "node:path";

const web = join(import.meta.dirname, "../..");

/** The program: `cargo xtask test browser` names it, else the debug build. */
export const program = process.env["FORESHIFT_PROGRAM"] ?? join(process.env["CARGO_TARGET_DIR"] ?? join(web, "../target"), "debug/foreshift");

const cases = join(web, "../tests/cases");

/** What the program prints about a case. */
export function printed(command: string, name: string, ...options: string[]): string {
  const cwd = join(cases, name);
  const { stdout, stderr, status } = spawnSync(program, [command, "deploy.yaml", ...options], { cwd, encoding: "utf8" });
  if (status !== 0) {
    throw new Error(stderr);
  }
  return stdout;
}

/** What `render --csp` prints. */
export function styleHash(): string {
  return spawnSync(program, ["render", "--csp"], { encoding: "utf8" }).stdout.trim();
}

/** Serves the built playground on files of a folder; resolves to its address. */
export async function play(folder: string): Promise<{ address: string; child: ChildProcess }> {
  const child = spawn(program, ["play", "deploy.yaml", "--port", "0", "--site", join(web, "dist/site")], { cwd: folder });
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (data) => resolve(String(data).trim()));
    child.stderr.once("data", (data) => reject(new Error(String(data))));
  });
  return { address, child };
}
