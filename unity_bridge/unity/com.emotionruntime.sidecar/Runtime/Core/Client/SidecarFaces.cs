// Owns the faces a game asked for: the wish, a further connection to the stream for its topic, and the newest block.
using System;
using System.Collections.Generic;

namespace EmotionRuntime
{
    public sealed partial class SidecarClient
    {
        private static readonly Shape[] FacesAlone = { Shapes.Faces };
        private const int FacesTopicBytes = 12;
        private readonly LatestFrame faceFrames = new LatestFrame();
        private FaceWish faceWish;
        private ZmtpPeer facePeer;
        private string[] faceColumns = new string[0];
        private long faceSession;
        private int faceAsked;

        /// <summary>Newer faces are in Faces.</summary>
        public event Action<FaceBlock> FacesTaken;

        /// <summary>The newest faces of WantFaces, or null.</summary>
        public FaceBlock Faces { get; private set; }

        /// <summary>Frames of faces that could not be read.</summary>
        public long FacesMalformed { get; private set; }

        /// <summary>From now on Faces holds these; null: none. A wish that is refused comes as a Notice.</summary>
        public void WantFaces(FaceWish wish)
        {
            faceWish = wish;
            faceSession = 0;
            faceAsked++;
            CloseFaces();
        }

        private void PollFaces()
        {
            Snapshot snapshot = session.State == SessionState.Live ? session.Snapshot : null;
            if (faceWish != null && snapshot != null && snapshot.Session != faceSession)
            {
                // Topics have a meaning in one session only: every sidecar is asked anew.
                faceSession = snapshot.Session;
                int mine = ++faceAsked;
                CloseFaces();
                Request(Operations.SubscribeFaces, faceWish.Arguments(), reply => OpenFaces(reply, mine));
            }
            if (facePeer != null && faceFrames.Take(out byte[] frame, out int length))
            {
                TakeFaces(frame, length);
            }
        }

        private void OpenFaces(Reply reply, int asked)
        {
            if (asked != faceAsked || !Running)
            {
                return;
            }
            if (reply.ErrorCode.Length > 0)
            {
                faceWish = null;
                Raise(Noticed, new Notice { Code = reply.ErrorCode, Text = reply.ErrorMessage });
                return;
            }
            var names = (IList<object>)reply.Result["columns"];
            faceColumns = new string[names.Count];
            for (int i = 0; i < faceColumns.Length; i++)
            {
                faceColumns[i] = (string)names[i];
            }
            string topic = (string)reply.Result["topic"];
            facePeer = new ZmtpPeer(options.Proving(ZmtpSettings.Sub(endpoints[0], topic)), faceFrames);
            facePeer.Start();
        }

        private void TakeFaces(byte[] frame, int length)
        {
            try
            {
                int start = CheckFaces(codec, frame, length);
                var block = new FaceBlock(frame, start, Roster, faceColumns);
                if (block.Session == faceSession && (Faces == null || block.Tick > Faces.Tick))
                {
                    Faces = block;
                    Raise(FacesTaken, block);
                }
            }
            catch (ProtocolException error)
            {
                FacesMalformed += error.Code == Codes.StaleEpoch ? 0 : 1;
            }
        }

        /// <summary>Where the message begins in a frame of faces. Throws ProtocolException.</summary>
        internal static int CheckFaces(Codec codec, byte[] frame, int length)
        {
            string topic = Protocol.TopicFaces;
            for (int i = 0; i < topic.Length; i++)
            {
                if (i >= length || frame[i] != topic[i])
                {
                    throw new ProtocolException(Codes.UnknownMessage, "this stream topic is no topic of faces");
                }
            }
            for (int i = topic.Length; i < FacesTopicBytes; i++)
            {
                bool digit = i < length && (frame[i] >= '0' && frame[i] <= '9' || frame[i] >= 'a' && frame[i] <= 'f');
                if (!digit)
                {
                    throw ProtocolException.Malformed("a frame of faces begins with a topic of 12 bytes");
                }
            }
            codec.Check(frame, FacesTopicBytes, length - FacesTopicBytes, Protocol.MaxStateBytes, FacesAlone);
            return FacesTopicBytes;
        }

        private void CloseFaces()
        {
            Faces = null;
            if (facePeer != null)
            {
                facePeer.Stop();
                facePeer.Join();
                facePeer = null;
            }
        }
    }
}
