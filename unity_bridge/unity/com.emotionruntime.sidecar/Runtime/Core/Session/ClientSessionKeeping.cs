// Owns what a session keeps of what arrives: a snapshot in parts, variables that rules set, the characters it owns.
using System.Collections.Generic;

namespace EmotionRuntime
{
    internal sealed partial class ClientSession
    {
        /// <summary>Only a snapshot comes in parts.</summary>
        private void Whole(byte[] frame, List<Message> updates)
        {
            try
            {
                Snapshot = codec.DecodeSnapshot(frame);
                updates.Add(Snapshot);
            }
            catch (ProtocolException error)
            {
                Count(error.Code);
            }
        }

        private void Note(Message message)
        {
            if (message is VariableChanges)
            {
                foreach (KeyValuePair<string, double> pair in ((VariableChanges)message).Values)
                {
                    Snapshot.Variables[pair.Key] = pair.Value;
                }
            }
            else if (message is Ownership)
            {
                Owns = ((Ownership)message).Owns;
                // A new session claims what is ours by now, not what was at the first hello.
                wanted = wanted == null ? null : Owns;
            }
        }
    }
}
