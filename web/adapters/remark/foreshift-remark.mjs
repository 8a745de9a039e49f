// Fenced `foreshift` blocks become rollout plans: a remark plugin, for Docusaurus, Astro and others. It runs the command
// line, which has to be on the path; the build fails where a block's rollout does.
//
//   remarkPlugins: [[foreshift, { page: "https://example.com/playground/" }]]

import { spawnSync } from "node:child_process";
import { dirname } from "node:path";

/** `page` is the playground that blocks link to, `program` the command line, `foreshift` without it. */
export default function foreshift({ page, program = "foreshift" } = {}) {
  // MDX reads no HTML: there a block is an element whose HTML is set as it is. It is known by its JSX, which begins with `<`.
  const isMdx = (this.data().micromarkExtensions ?? []).some(({ flow }) => flow?.[60]);
  return (tree, file) => {
    const node = !isMdx ? literal : file.data.astro ? ofAstro : ofReact;
    replace(tree, (block) => node(html(block, file)));
  };

  function html({ meta, value }, file) {
    const options = ["render", "--block", meta ?? "", ...(page ? ["--page", page] : [])];
    const cwd = file.path ? dirname(file.path) : undefined;
    // A rollout with many targets has more than the megabyte that Node takes otherwise.
    const { status, stdout, stderr, error } = spawnSync(program, options, { input: value, cwd, encoding: "utf8", maxBuffer: Infinity });
    if (error || status !== 0) {
      throw new Error(`${file.path}: a foreshift block cannot be drawn: ${error?.message ?? stderr}`);
    }
    return stdout;
  }
}

const literal = (html) => ({ type: "html", value: html });

const ofAstro = (html) => element("set:html", html);

function ofReact(html) {
  const inside = { type: "Property", key: { type: "Identifier", name: "__html" }, value: { type: "Literal", value: html }, kind: "init" };
  const expression = { type: "ObjectExpression", properties: [inside] };
  const estree = { type: "Program", sourceType: "module", body: [{ type: "ExpressionStatement", expression }] };
  return element("dangerouslySetInnerHTML", { type: "mdxJsxAttributeValueExpression", value: "", data: { estree } });
}

function element(name, value) {
  return { type: "mdxJsxFlowElement", name: "div", attributes: [{ type: "mdxJsxAttribute", name, value }], children: [] };
}

function replace(node, draw) {
  node.children = node.children?.map((child) => {
    if (child.type === "code" && child.lang === "foreshift") {
      return draw(child);
    }
    replace(child, draw);
    return child;
  });
}
