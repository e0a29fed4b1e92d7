// Notebooks are bundled into the Worker as text: a new project is seeded from them.
declare module "*.nb.md" {
  const text: string;
  export default text;
}
