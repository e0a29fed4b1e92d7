// The lower half of Monaco, on which its interface stands: evaluated first, in a task of its own.

import "monaco-editor/editor/common/model/textModel.js";
import "monaco-editor/editor/browser/widget/codeEditor/codeEditorWidget.js";
