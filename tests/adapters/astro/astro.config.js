// A site with two pages; `foreshift/remark` of the npm package draws their blocks.

import { unified } from "@astrojs/markdown-remark";
import mdx from "@astrojs/mdx";
import { defineConfig } from "astro/config";
import foreshift from "foreshift/remark";

export default defineConfig({
  integrations: [mdx()],
  markdown: {
    processor: unified({ remarkPlugins: [[foreshift, { page: "https://example.com/playground/" }]] }),
  },
});
