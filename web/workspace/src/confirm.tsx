import { AlertDialog } from "@base-ui/react/alert-dialog";

/** Asks before something is done that cannot be undone. */
export function Confirm(p: { title: string; text: string; does: string; open: boolean; onOpenChange: (open: boolean) => void; onConfirm: () => void }) {
  return (
    <AlertDialog.Root open={p.open} onOpenChange={p.onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Popup className="dialog small">
          <AlertDialog.Title>{p.title}</AlertDialog.Title>
          <AlertDialog.Description className="quiet">{p.text}</AlertDialog.Description>
          <div className="actions">
            <AlertDialog.Close className="button">Cancel</AlertDialog.Close>
            <AlertDialog.Close className="button danger" onClick={p.onConfirm}>{p.does}</AlertDialog.Close>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
