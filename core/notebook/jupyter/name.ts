// What a notebook is called that was made of a Jupyter file, and back.

export function notebookName(jupyterName: string): string {
  return `${jupyterName.replace(/\.ipynb$/i, "")}.nb.md`;
}

export function jupyterName(notebookName: string): string {
  return `${notebookName.replace(/\.nb\.md$/i, "")}.ipynb`;
}
