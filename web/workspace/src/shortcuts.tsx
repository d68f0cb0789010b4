import { Dialog } from "@base-ui/react/dialog";

const KEYS: [string, string][] = [["j / k", "Next or previous ticket"], ["Enter", "Open the ticket"], ["[ / ]", "Previous or next view"], ["r", "Reply"], ["n", "Internal note"],
  ["m", "Assign to me"], ["s", "Solve"], ["Ctrl + Enter", "Send"], ["Esc", "Back to the list"], ["?", "This help"]];

export function Shortcuts(p: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog.Root open={p.open} onOpenChange={p.onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog small">
          <Dialog.Title>Keyboard</Dialog.Title>
          <dl className="keys">{KEYS.map(([key, what]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div>)}</dl>
          <div className="actions"><Dialog.Close className="button">Close</Dialog.Close></div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
