// `foreshift play`: the page shows the files of a folder, and what becomes of them.

import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@playwright/test";

import { test } from "../plans.js";
import { play } from "./program.js";

test("the page follows the files on disk", async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), "foreshift-play-"));
  cpSync(join(import.meta.dirname, "../../../tests/cases/canary/reference"), folder, { recursive: true });
  const { address, child } = await play(folder);
  try {
    const faults: string[] = [];
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    page.on("pageerror", (error) => faults.push(String(error)));
    await page.goto(address);
    await page.getByText("All 14 states").click();
    const plan = page.locator("rollout-plan table");
    await expect(plan).toContainText("setWeight 90");
    const config = readFileSync(join(folder, "deploy.yaml"), "utf8");
    writeFileSync(join(folder, "deploy.yaml"), config.replace("weight: 90", "weight: 73"));
    await expect(plan).toContainText("setWeight 73");
    await expect(plan).not.toContainText("setWeight 90");
    expect(faults).toEqual([]);

    // What is edited on the page stays where the disk says nothing else, and can be had back where it does.
    await page.locator(".cm-content").getByText("weight: 10", { exact: true }).click();
    await page.keyboard.press("End");
    await page.keyboard.type("0");
    await expect(plan).toContainText("setWeight 100");
    const deployment = join(folder, "manifests/deployment.yaml");
    writeFileSync(deployment, readFileSync(deployment, "utf8").replace("replicas: 3", "replicas: 5"));
    await page.getByRole("tab", { name: "deployment.yaml" }).click();
    await expect(page.locator(".cm-content")).toContainText("replicas: 5");
    await expect(plan).toContainText("setWeight 100");
    writeFileSync(join(folder, "deploy.yaml"), config.replace("weight: 90", "weight: 61"));
    await expect(plan).toContainText("setWeight 61");
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(plan).toContainText("setWeight 73");
    await expect(plan).toContainText("setWeight 100");

    // A config that cannot be read says nothing of the manifests.
    await page.getByRole("tab", { name: "virtual-service.yaml" }).click();
    await page.locator(".cm-content").getByText("subset: stable", { exact: true }).click();
    await page.keyboard.press("End");
    await page.keyboard.type(" # here");
    writeFileSync(join(folder, "deploy.yaml"), "manifests: [\n");
    await expect(page.getByRole("button", { name: /^deploy.yaml:/ }).first()).toBeVisible();
    await expect(page.locator(".cm-content")).toContainText("subset: stable # here");
    writeFileSync(join(folder, "deploy.yaml"), config);
    await expect(plan).toContainText("setWeight 90");
    await expect(page.locator(".cm-content")).toContainText("subset: stable # here");

    // A config that is gone for a while is said to be, and followed again.
    renameSync(join(folder, "deploy.yaml"), join(folder, "gone.yaml"));
    await expect(page.getByRole("alert")).toContainText("deploy.yaml");
    writeFileSync(join(folder, "deploy.yaml"), config.replace("weight: 90", "weight: 55"));
    await expect(plan).toContainText("setWeight 55");
    await expect(page.getByRole("alert")).toHaveText("");
  } finally {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
});
