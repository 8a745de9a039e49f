"""Fenced `foreshift` blocks become rollout plans: an extension of Python-Markdown, for MkDocs and others.

It runs the command line, which has to be on the path; the build fails where a block's rollout does. In mkdocs.yml:

    markdown_extensions:
      - foreshift_markdown:
          page: https://docs.example.com/playground/   # where blocks link to
          base: docs                                    # what `src` is relative to
"""

import re
import subprocess

from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,}) *(?P<info>[^`\n]*)$")
NAME = re.compile(r"foreshift(?![\w-])")

# What holds the lines that stand in below it: admonitions, details, tabs, items of lists, definitions, footnotes. Below
# anything else four spaces are code.
HOLDER = re.compile(r" *(!!!|\?\?\?|===|[-*+] |\d+\. |: |\[\^)")


def is_held(lines, indent):
    """Whether a line that stands in so far, behind these, is a part of what holds it."""
    before = (line for line in reversed(lines) if line.strip() and len(line) - len(line.lstrip(" ")) < indent)
    return HOLDER.match(next(before, "")) is not None


class Blocks(Preprocessor):
    def __init__(self, md, config):
        super().__init__(md)
        self.config = config

    def run(self, lines):
        out, opened, inside = [], None, []
        for line in lines:
            match = FENCE.match(line)
            if opened is None:
                if match and len(match["indent"]) > 3 and not is_held(out, len(match["indent"])):
                    match = None
                opened, inside = match, [line]
                if match is None:
                    out.append(line)
                continue
            inside.append(line)
            is_near = match and len(match["indent"]) < len(opened["indent"]) + 4
            if is_near and match["fence"].startswith(opened["fence"]) and not match["info"].strip():
                out.extend(self.block(opened, inside))
                opened = None
        return out + (inside if opened else [])

    def block(self, opened, lines):
        name = NAME.match(opened["info"])
        if not name:
            return lines
        indent = opened["indent"]
        text = "\n".join(re.sub(rf"^ {{0,{len(indent)}}}", "", line) for line in lines[1:-1])
        return ["", indent + self.md.htmlStash.store(self.html(opened["info"][name.end() :], text)), ""]

    def html(self, options, text):
        command = [self.config["program"], "render", "--block", options.strip()]
        if self.config["page"]:
            command += ["--page", self.config["page"]]
        done = subprocess.run(command, input=text, cwd=self.config["base"], capture_output=True, encoding="utf-8")
        if done.returncode != 0:
            raise RuntimeError(f"a foreshift block cannot be drawn: {done.stderr}")
        # Without a block element around it the extension would be put into a paragraph.
        return f"<div>{done.stdout}</div>"


class Foreshift(Extension):
    def __init__(self, **kwargs):
        self.config = {
            "page": ["", "the playground that blocks link to"],
            "base": [".", "the folder that src is relative to"],
            "program": ["foreshift", "the command line"],
        }
        super().__init__(**kwargs)

    def extendMarkdown(self, md):
        # Before fenced code, which is at 25, with or without PyMdown's superfences.
        md.preprocessors.register(Blocks(md, self.getConfigs()), "foreshift", 27)


def makeExtension(**kwargs):
    return Foreshift(**kwargs)
