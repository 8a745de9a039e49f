// A site with one page; `foreshift/remark` of the npm package draws its blocks.

import foreshift from "foreshift/remark";

export default {
  title: "Rollouts",
  url: "https://example.com",
  baseUrl: "/",
  onBrokenLinks: "throw",
  // The element: with it a plan is drawn on pages that are reached without loading them anew, too.
  clientModules: ["./element.js"],
  presets: [
    [
      "classic",
      {
        docs: {
          routeBasePath: "/",
          sidebarPath: undefined,
          beforeDefaultRemarkPlugins: [[foreshift, { page: "https://example.com/playground/" }]],
        },
        blog: false,
        pages: false,
      },
    ],
  ],
};
