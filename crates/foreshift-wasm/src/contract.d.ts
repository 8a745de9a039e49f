/** What is asked: every text, and what is known. */
export interface PlanRequest {
  /** The path of the deployment config among the files. */
  config: string;
  /** Manifests are looked up relative to the config's folder. */
  files: readonly PlanFile[];
  /** What runs now: paths of files, or of folders that stand for every file below them. */
  current?: readonly string[];
  /** Only this target. */
  target?: string;
  hashes?: readonly PlanHash[];
  /** Nothing runs yet. */
  first?: boolean;
}

/** A text with its path, whose parts are divided by `/`. */
export interface PlanFile {
  path: string;
  text: string;
}

/** What of a request others may see. */
export interface Masked {
  /** Every file of the request, in its order, with masks in the place of what Secrets hold. */
  files: PlanFile[];
  /** The names of the Secrets that are masked. */
  secrets: string[];
  /** The paths of files that are hidden as a whole: they may hold a Secret, and cannot be read. */
  hidden: string[];
}

/** The hash of a revision, of one Deployment or of every one. */
export interface PlanHash {
  workload?: string;
  side: "active" | "canary";
  hash: string;
}

/** A whole preview: format 1 of the JSON contract. */
export interface Document {
  format: 1;
  /** Whose rollout it is; empty where the config does not say. */
  application: string;
  /** Those that have a plan, in the order of the config. */
  targets: Target[];
  /** By place, those without one last. */
  diagnostics: Diagnostic[];
}

/** A preview without texts. */
export interface Summary {
  format: 1;
  application: string;
  targets: SummaryTarget[];
  diagnostics: (Diagnostic | RangedDiagnostic)[];
}

export interface Target {
  name: string;
  namespace: string;
  /** 0 is the baseline, the last one is the end. */
  states: [StartState, ...State[]];
  /** One for each state, in their order. */
  aborts: Abort[];
  /** The Deployments that are rolled out. */
  revisions: Revision[];
  /** What states are judged by. */
  laws: Law[];
}

export interface SummaryTarget {
  name: string;
  namespace: string;
  states: [Omit<StartState, "objects">, ...SummaryState[]];
  aborts: SummaryAbort[];
  revisions: Revision[];
  laws: Law[];
}

export type SummaryState = Omit<State, "objects" | keyof Lines>;

/** A law in words. */
export interface Law {
  law: number;
  words: string;
}

/** State 0: every object and route that is known. */
export interface StartState {
  index: 0;
  step: null;
  gate: Gate | null;
  objects: KubernetesObject[];
  traffic: Route[];
  /** The laws that it was judged by; all of them hold. */
  laws?: number[];
}

/** A state as what its step changes. */
export interface State extends Lines {
  /** From 1. */
  index: number;
  /** The one write that leads here. */
  step: Step;
  /** What has to hold before the next write. */
  gate: Gate | null;
  /** What the step wrote. */
  objects: [KubernetesObject];
  /** Routes that get something else, once the gate has let pass. */
  traffic: Route[];
  /** The laws that it was judged by; all of them hold. */
  laws?: number[];
}

/** What a state's step does to the text of its object; absent on a way back. */
export interface Lines {
  /** The lines that it changes, where there are some. */
  lines?: ChangedLine[];
  /** Those in which the object differs from state 0, where a step before wrote it too. */
  sinceStart?: ChangedLine[];
}

/** A state with everything in it; what its step changed is marked. */
export interface WholeState extends Lines {
  index: number;
  /** `null` in state 0. */
  step: Step | null;
  gate: Gate | null;
  objects: (KubernetesObject & Changed)[];
  traffic: (Route & Changed)[];
  laws?: number[];
}

export interface Changed {
  changed?: true;
}

/** A write of one object. */
export type Step =
  | { kind: PlainStep; object: ObjectName }
  | { kind: "setWeight"; object: ObjectName; /** Percent. */ weight: number }
  | { kind: "createReplicaSet" | "deleteReplicaSet"; object: ObjectName; /** The hash. */ revision: string };

export type PlainStep =
  | "apply"
  | "pin"
  | "repin"
  | "restoreVirtualService"
  | "annotate"
  | "pauseDeployment"
  | "setTemplate"
  | "adopt"
  | "resumeDeployment"
  | "restoreDestinationRule"
  | "deleteDeployment";

/** A condition on going on, with those that have to hold at the same time and those that follow one by one. */
export type Gate = Condition & { with?: Condition[]; then?: (Condition & { with?: Condition[] })[] };

export type Condition = {
  /** What is waited for, for a reader. */
  words: string;
} & (
  | { kind: "ready"; timeoutSeconds: number }
  | { kind: "settled" }
  | { kind: "podsGone" }
  | { kind: "duration"; seconds: number }
  | {
      kind: "approval";
      /** Empty where anybody may approve. */
      requiresRoles: string[];
      /** After that time the answer is no. */
      expiresSeconds?: number;
    }
  | { kind: "analysis"; queries: string[]; intervalSeconds: number; judgmentRuns: number }
  | { kind: "webhook"; name: string }
);

export interface ObjectName {
  kind: string;
  /** Empty for what has none. */
  namespace: string;
  name: string;
}

export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  /** Empty for what has none. */
  namespace: string;
  name: string;
  /** `null` where it is removed. */
  text: string | null;
}

/** Who gets what of a route. */
export interface Route {
  virtualService: string;
  namespace: string;
  /** Its name, else where it stands in the VirtualService. */
  route: string;
  /** They add up to 100; empty where the route is not there any more. */
  shares: Share[];
  /** Who gets copies of its requests beside them. */
  mirrors?: Share[];
}

export type Share = Recipient & {
  /** A whole number where it is one, else the nearest double. */
  percent: number;
  /** The same as numerator and denominator in lowest terms. */
  exact: [number, number];
};

/** Exactly one of the three. */
export type Recipient =
  /** A planned revision, by its hash. */
  | { revision: string; destination?: never; error?: never }
  /** Another host or subset. */
  | { destination: string; revision?: never; error?: never }
  /** Nobody: 503, by Envoy's response flag. */
  | { error: "UH" | "NC"; revision?: never; destination?: never };

/** A line of the object that a step wrote, without its line break; lines are counted from 1. */
export type Line = { mark: "kept"; before: number; after: number; text: string } | ChangedLine;

/** With the path of what changes, as in `spec.http[0].route`; absent for the object as a whole. */
export type ChangedLine = { text: string; path?: string } & (
  | { mark: "removed"; before: number; after?: never }
  | { mark: "added"; after: number; before?: never }
);

/** The way out of state `from`. */
export interface Abort {
  from: number;
  /** `forward`: the way out is the rest of the way, and there are no states here. */
  direction: Direction;
  /** How each state differs from the one before it; they count from 1. */
  states: State[];
  /** All states of that earlier entry follow. */
  sameAs?: number;
}

export type SummaryAbort = Omit<Abort, "states"> & { states: SummaryState[] };

/** The way out of a state, to its end. */
export type WholeAbort = Omit<Abort, "sameAs">;

export type Direction = "back" | "forward";

/** The two revisions of a Deployment, by their hashes. */
export interface Revision {
  deployment: string;
  active: string;
  canary: string;
  /** Those that change, where there are some. */
  images?: Image[];
}

/** What becomes of the image of a container. */
export interface Image {
  container: string;
  /** Absent where it is not known, and where there is no such container. */
  before?: string;
  /** Absent where the container goes. */
  after?: string;
}

export type Severity = "error" | "warning" | "note";

export interface Diagnostic {
  code: string;
  severity: Severity;
  message: string;
  /** `null` where it has no place in a text; so are line and column. */
  file: string | null;
  /** From 1. */
  line: number | null;
  /** From 1, in characters. */
  column: number | null;
  /** What to do about it. */
  help: string | null;
}

/** With its range in UTF-16 units of the file. */
export interface RangedDiagnostic extends Diagnostic {
  file: string;
  line: number;
  column: number;
  from: number;
  to: number;
}
