// Starts `gl lsp` for .gl files, and lets the user choose a patient from a list.

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

const EVALUATE = "gl.evaluate";

/** @type {LanguageClient | undefined} */
let client;
/** @type {vscode.OutputChannel | undefined} */
let results;

async function start() {
  const command = vscode.workspace.getConfiguration("gl").get("path", "gl");
  client = new LanguageClient(
    "gl",
    "gl",
    { command, args: ["lsp"] },
    {
      documentSelector: [{ language: "gl" }],
      synchronize: {},
      middleware: {
        // The lens names no patient; here the user gets a list to search, where the protocol has only buttons.
        executeCommand: async (name, args, next) => {
          if (name !== EVALUATE) {
            return next(name, args);
          }
          const [uri, given] = args;
          const choice = given ?? (await choosePatient(uri));
          return choice === undefined ? undefined : evaluate(uri, choice, next);
        },
      },
    },
  );
  try {
    await client.start();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const settings = "Open settings";
    const chosen = await vscode.window.showErrorMessage(`\`${command} lsp\` cannot be started: ${reason}`, settings);
    if (chosen === settings) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "gl.path");
    }
  }
}

/** A patient from the cases, a case file, or nobody; nothing where the user goes away. */
async function choosePatient(uri) {
  const { patients } = await client.sendRequest("gl/patients", { textDocument: { uri } });
  const items = patients.map((choice) => ({
    label: choice.case,
    description: vscode.workspace.asRelativePath(choice.path),
    choice,
  }));
  items.push({ label: "$(file) A case file…", choice: null, alwaysShow: true });
  items.push({ label: "$(close) Nobody", choice: {}, alwaysShow: true });
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: "Look at the rules with which patient?",
    matchOnDescription: true,
  });
  if (picked === undefined) {
    return undefined;
  }
  return picked.choice === null ? caseFile() : picked.choice;
}

async function caseFile() {
  const files = await vscode.window.showOpenDialog({
    canSelectMany: false,
    filters: { "Case files": ["yaml", "yml", "json"] },
    openLabel: "Look at the rules",
  });
  return files === undefined ? undefined : { file: files[0].toString() };
}

async function evaluate(uri, choice, next) {
  const result = await next(EVALUATE, [uri, choice]);
  if (result) {
    results ??= vscode.window.createOutputChannel("gl: patient");
    results.clear();
    results.append(`${result.patient}\n\n${result.text}`);
    results.show(true);
  }
  return result;
}

/** The text that is being edited, if it is a guideline. */
function here() {
  const document = vscode.window.activeTextEditor?.document;
  return document?.languageId === "gl" ? document.uri.toString() : undefined;
}

async function activate(context) {
  const command = (name, act) => context.subscriptions.push(vscode.commands.registerCommand(name, act));
  command("gl.choosePatient", () => {
    const uri = here();
    return uri && vscode.commands.executeCommand(EVALUATE, uri);
  });
  command("gl.choosePatientFile", async () => {
    const uri = here();
    const choice = uri && (await caseFile());
    return choice && vscode.commands.executeCommand(EVALUATE, uri, choice);
  });
  command("gl.restart", async () => {
    await deactivate();
    await start();
  });
  context.subscriptions.push({ dispose: () => results?.dispose() });
  await start();
}

async function deactivate() {
  await client?.dispose().catch(() => {});
  client = undefined;
}

module.exports = { activate, deactivate };
