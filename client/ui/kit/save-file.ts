// A download: bytes that the browser saves as a file.

/** Milliseconds that the browser has to take a download from its address. */
const addressLife = 60_000;

export function saveFile(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), addressLife);
}
