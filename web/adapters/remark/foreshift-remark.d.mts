/** Where blocks link to, and what draws them. */
export interface Options {
  /** The playground that blocks link to. */
  page?: string;
  /** The command line; `foreshift` on the path without it. */
  program?: string;
}

/** A remark plugin: fenced `foreshift` blocks become rollout plans. */
export default function foreshift(options?: Options): (tree: never, file: never) => void;
