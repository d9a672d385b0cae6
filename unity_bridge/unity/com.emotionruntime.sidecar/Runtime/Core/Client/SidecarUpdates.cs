// Owns what happens to everything that arrives on the link: state kept, events raised, faults held back.
using System;
using System.Runtime.ExceptionServices;

namespace EmotionRuntime
{
    public sealed partial class SidecarClient
    {
        private void Take(LinkEvent item, double now)
        {
            switch (item.Kind)
            {
                case LinkEventKind.Opened:
                    connection = item.Connection;
                    failure = ZmtpFailure.None;
                    failureReason = "";
                    session.Connected();
                    break;
                case LinkEventKind.Closed:
                    connection = 0;
                    failure = item.Failure;
                    failureReason = item.Reason;
                    session.Lost(item.Reason);
                    break;
                default:
                    heard = now;
                    session.Receive(item.Frame, updates);
                    foreach (Message update in updates)
                    {
                        Act(update, now);
                    }
                    updates.Clear();
                    break;
            }
        }

        private void Act(Message update, double now)
        {
            try
            {
                if (update is Snapshot)
                {
                    frames.Begin((Snapshot)update);
                    frames.Heard = now;
                    Raise(SnapshotTaken, (Snapshot)update);
                }
                else if (update is TickMessage)
                {
                    if (frames.TakeTick((TickMessage)update, now))
                    {
                        Raise(FrameTaken, frames.Latest);
                    }
                }
                else if (update is Roster)
                {
                    session.Snapshot.Roster = (Roster)update;
                    frames.Change((Roster)update);
                }
            }
            catch (ProtocolException error)
            {
                Raise(Noticed, new Notice { Code = error.Code, Text = error.Message });
            }
            if (update is Command)
            {
                Carry((Command)update);
            }
            else if (update is Perception)
            {
                Raise(Perceived, (Perception)update);
            }
            else if (update is VariableChanges)
            {
                Raise(VariablesChanged, (VariableChanges)update);
            }
            else if (update is Ownership)
            {
                Raise(OwnershipChanged, (Ownership)update);
            }
            else if (update is Notice)
            {
                Raise(Noticed, (Notice)update);
            }
        }

        private void Carry(Command command)
        {
            foreach (ActionCommand each in command.Commands)
            {
                if (each is ActionStart)
                {
                    Raise(ActionStarted, (ActionStart)each);
                }
                else
                {
                    Raise(ActionStopped, (ActionStop)each);
                }
            }
        }

        /// <summary>A handler's fault is the game's; it must not cost the client a message.</summary>
        private void Raise<T>(Action<T> handlers, T what)
        {
            if (handlers == null)
            {
                return;
            }
            try
            {
                handlers(what);
            }
            catch (Exception error)
            {
                if (HandlerFailed != null)
                {
                    HandlerFailed(error);
                }
                else if (fault == null)
                {
                    fault = ExceptionDispatchInfo.Capture(error);
                }
            }
        }
    }
}
