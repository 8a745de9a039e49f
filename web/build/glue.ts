// The module's glue is loaded by its address, as it is: a bundler takes it for a picture, and leaves it as wasm-bindgen
// wrote it, with comments. Here it is made as small as everything else.

import { minifySync, type Plugin } from "vite";

/** Makes the glue of a build small. */
export function glue(): Plugin {
  return {
    name: "foreshift-glue",
    apply: "build",
    generateBundle: (_options, bundle) => {
      for (const file of Object.values(bundle)) {
        if (file.type === "asset" && /foreshift_wasm[^/]*\.js$/.test(file.fileName)) {
          const text = typeof file.source === "string" ? file.source : new TextDecoder().decode(file.source);
          const { code, errors } = minifySync(file.fileName, text, { module: true });
          if (errors.length > 0) {
            throw new Error(`the glue cannot be made small: ${JSON.stringify(errors)}`);
          }
          file.source = code;
        }
      }
    },
  };
}
