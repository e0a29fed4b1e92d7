import { expect, it } from "vitest";
import { collectLicences } from "./licences.ts";

it("licences are named as the packages' copyright files name them, each once", () => {
  const copyright = "Files: *\nLicense: GPL-2+\n\nFiles: x\nLicense: MIT\n text\nLicense:  GPL-2+\n";
  const item = { name: "x", version: "1-2", source: "y (1-2)", sha256: "00", copyright };
  const licences = collectLicences([item, { ...item, copyright: "Free for all." }], "6.1.1-1", "1.16.2-1");
  expect(licences.packages.map((one) => one.licences)).toEqual([["GPL-2+", "MIT"], []]);
  expect(licences.kernel.version).toBe("6.1.1-1");
});
