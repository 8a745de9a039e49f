// What is edited: texts in tabs, and what is known beside them. Values only; every change makes a new workspace.

import type { PlanHash, PlanRequest } from "../../pkg/foreshift_wasm.js";

/** What a text is to the planner. */
export type Role = "config" | "manifest" | "current";

export interface Tab {
  /** Stays the same when the tab gets another path. */
  readonly id: number;
  readonly role: Role;
  /** A lone manifest without a path stands for every manifest that the config names. */
  readonly path: string;
  readonly text: string;
}

export interface Workspace {
  /** The config first, then manifests, then what runs now. */
  readonly tabs: readonly Tab[];
  readonly hashes: readonly PlanHash[];
  readonly target: string | undefined;
  readonly first: boolean;
}

const ORDER: readonly Role[] = ["config", "manifest", "current"];

let newest = 0;

/** The workspace that asks the same. */
export function fromRequest(request: PlanRequest): Workspace {
  const tabs = request.files.map(({ path, text }) => tab(roleOf(request, path), path, text));
  if (!tabs.some(({ role }) => role === "config")) {
    tabs.unshift(tab("config", request.config, ""));
  }
  return {
    tabs: sorted(tabs),
    hashes: request.hashes ?? [],
    target: request.target,
    first: request.first ?? false,
  };
}

/** The workspace with what has changed on disk since, and the paths whose edits that replaced. */
export function renewed(workspace: Workspace, before: PlanRequest, onDisk: PlanRequest): { workspace: Workspace; lost: string[] } {
  const textIn = ({ files }: PlanRequest, path: string) => files.find((file) => file.path === path)?.text;
  const lost: string[] = [];
  const tabs = workspace.tabs.flatMap((tab) => {
    const [old, text] = [textIn(before, tab.path), textIn(onDisk, tab.path)];
    if (text === old) {
      return [tab];
    }
    if (tab.text !== old && tab.text !== text) {
      lost.push(tab.path);
    }
    return text === undefined ? [] : [{ ...tab, text }];
  });
  const isNew = ({ path }: Tab) => textIn(before, path) === undefined && !tabs.some((tab) => tab.path === path);
  return { workspace: { ...workspace, tabs: sorted([...tabs, ...fromRequest(onDisk).tabs.filter(isNew)]) }, lost };
}

/** What the planner is asked. */
export function toRequest({ tabs, hashes, target, first }: Workspace): PlanRequest {
  const current = tabs.filter(({ role }) => role === "current").map(({ path }) => path);
  // A row that was added and not filled in yet.
  const known = hashes.filter(({ hash }) => hash !== "");
  return {
    config: config(tabs).path,
    files: tabs.map(({ path, text }) => ({ path, text })),
    ...(current.length > 0 && { current }),
    ...(target && { target }),
    ...(known.length > 0 && { hashes: known }),
    ...(first && { first }),
  };
}

/** With another text in a tab. */
export function withText(workspace: Workspace, id: number, text: string): Workspace {
  return changed(workspace, id, { text });
}

/** With another path for a tab; `undefined` where another tab has it, or it has to have one. */
export function withPath(workspace: Workspace, id: number, path: string): Workspace | undefined {
  const tab = workspace.tabs.find((tab) => tab.id === id);
  const isTaken = workspace.tabs.some((other) => other.id !== id && other.path === path);
  if (!tab || isTaken || (path === "" && tab.role !== "manifest")) {
    return undefined;
  }
  return changed(workspace, id, { path });
}

/** With an empty tab of a role, and which one it is. */
export function withTab(workspace: Workspace, role: Role): [Workspace, Tab] {
  const stem = role === "current" ? "current" : "manifests";
  const taken = new Set(workspace.tabs.map(({ path }) => path));
  let path = `${stem}.yaml`;
  for (let count = 2; taken.has(path); count += 1) {
    path = `${stem}-${count}.yaml`;
  }
  const added = tab(role, path, "");
  return [{ ...workspace, tabs: sorted([...workspace.tabs, added]) }, added];
}

/** Without a tab; the config stays. */
export function withoutTab(workspace: Workspace, id: number): Workspace {
  const tabs = workspace.tabs.filter((tab) => tab.id !== id || tab.role === "config");
  return { ...workspace, tabs };
}

/** With a tab that was removed at a place, unless another one has its path by now. */
export function withTabAgain(workspace: Workspace, tab: Tab, at: number): Workspace {
  const isTaken = workspace.tabs.some(({ path }) => path === tab.path);
  return isTaken ? workspace : { ...workspace, tabs: sorted([...workspace.tabs.slice(0, at), tab, ...workspace.tabs.slice(at)]) };
}

/** The tab that a finding's file is about. */
export function tabOf(workspace: Workspace, file: string | null): Tab | undefined {
  return workspace.tabs.find(({ path }) => path === file);
}

/** Whether the two ask the same. */
export function same(left: Workspace, right: Workspace): boolean {
  return JSON.stringify(toRequest(left)) === JSON.stringify(toRequest(right));
}

/** The config's tab; there is always one. */
export function config(tabs: readonly Tab[]): Tab {
  const found = tabs.find(({ role }) => role === "config");
  if (!found) {
    throw new Error("a workspace has a config");
  }
  return found;
}

function tab(role: Role, path: string, text: string): Tab {
  newest += 1;
  return { id: newest, role, path, text };
}

function changed(workspace: Workspace, id: number, change: Partial<Tab>): Workspace {
  return { ...workspace, tabs: workspace.tabs.map((tab) => (tab.id === id ? { ...tab, ...change } : tab)) };
}

function sorted(tabs: Tab[]): Tab[] {
  return ORDER.flatMap((role) => tabs.filter((tab) => tab.role === role));
}

/** `current` names files, or folders that stand for every file below them. */
function roleOf({ config, current = [] }: PlanRequest, path: string): Role {
  if (path === config) {
    return "config";
  }
  const isCurrent = current.some((name) => path === name || path.startsWith(`${name.replace(/\/+$/, "")}/`));
  return isCurrent ? "current" : "manifest";
}
