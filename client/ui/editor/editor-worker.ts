// Monaco's worker: finds links and words for completion, off the page's thread.

import "monaco-editor/editor/editor.worker.js";
