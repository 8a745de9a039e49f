// A request as the text that a link holds.

import type { PlanFile, PlanHash, PlanRequest } from "../../pkg/foreshift_wasm.js";
import { noRequest, tooLarge } from "./fault.js";

type Fields = Record<string, unknown>;

/** Each is a tab of the page. */
const MOST_FILES = 500;

/** The text of a request: its members in the order of the format, none that is empty. */
export function write(request: PlanRequest): string {
  limited(request.files);
  return JSON.stringify({
    config: request.config,
    files: request.files.map(({ path, text }) => ({ path, text })),
    current: filled(request.current),
    target: request.target,
    hashes: filled(request.hashes)?.map(({ workload, side, hash }) => ({ workload, side, hash })),
    first: request.first || undefined,
  });
}

/** The request in a text; throws a `LinkFault` that says what is not as it should be. */
export function read(text: string): PlanRequest {
  const { config, files, current, target, hashes, first, ...others } = fields(parse(text), "the whole");
  refuse(others, "the whole");
  return {
    config: string(config, "config"),
    files: limited(list(files, "files")).map(file),
    ...(current !== undefined && { current: list(current, "current").map((path) => string(path, "current")) }),
    ...(target !== undefined && { target: string(target, "target") }),
    ...(hashes !== undefined && { hashes: list(hashes, "hashes").map(hash) }),
    ...(first !== undefined && { first: flag(first) }),
  };
}

function limited<T>(files: readonly T[]): readonly T[] {
  if (files.length > MOST_FILES) {
    throw tooLarge(`it has more than ${MOST_FILES} files`);
  }
  return files;
}

function file(value: unknown): PlanFile {
  const { path, text, ...others } = fields(value, "files");
  refuse(others, "files");
  return { path: string(path, "path"), text: string(text, "text") };
}

function hash(value: unknown): PlanHash {
  const { workload, side, hash, ...others } = fields(value, "hashes");
  refuse(others, "hashes");
  if (side !== "active" && side !== "canary") {
    throw noRequest("`side` has to be `active` or `canary`");
  }
  const known = { side, hash: string(hash, "hash") } as const;
  return workload === undefined ? known : { workload: string(workload, "workload"), ...known };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw noRequest("it is not JSON");
  }
}

function fields(value: unknown, where: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw noRequest(`in ${where} something is not an object`);
  }
  return value as Fields;
}

function refuse(others: Fields, where: string): void {
  const [name] = Object.keys(others);
  if (name !== undefined) {
    throw noRequest(`\`${name.slice(0, 40)}\` in ${where} is not known`);
  }
}

function list(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) {
    throw noRequest(`\`${name}\` has to be a list`);
  }
  return value;
}

function string(value: unknown, name: string): string {
  if (typeof value !== "string") {
    throw noRequest(`\`${name}\` has to be text`);
  }
  return value;
}

function flag(value: unknown): true {
  if (value !== true) {
    throw noRequest("`first` has to be true");
  }
  return value;
}

function filled<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}
