// What the build makes: see build/examples.ts and vite.config.ts.

declare module "virtual:examples" {
  const examples: readonly { title: string; group: string; request: import("../pkg/foreshift_wasm.js").PlanRequest }[];
  export default examples;
}

declare module "virtual:reference" {
  export const request: import("../pkg/foreshift_wasm.js").PlanRequest;
  export const document: import("../pkg/foreshift_wasm.js").Document;
}

/** Where issues are kept; empty where the build does not say. */
declare const __REPOSITORY__: string;

/** The version of foreshift. */
declare const __VERSION__: string;
