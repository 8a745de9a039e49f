// Serves what was built for as long as the tests run, at any free port.

import { serve } from "../serve.mjs";

export default async function start(): Promise<() => void> {
  const { server, address } = await serve("dist", 0);
  process.env["FORESHIFT_ORIGIN"] = address;
  return () => server.close();
}
