// Owns what a client is made from: where the sidecar is, who this engine is, and its token.
using System.Collections.Generic;

namespace EmotionRuntime
{
    /// <summary>Settings of a <see cref="SidecarClient"/>; read once, by its constructor.</summary>
    public sealed class SidecarOptions
    {
        /// <summary>Address of the sidecar.</summary>
        public string Host = Protocol.DefaultHost;

        /// <summary>Stream; link and control are on the next two ports.</summary>
        public int Port = Protocol.DefaultPort;

        /// <summary>Stream, link and control, such as tcp://127.0.0.1:5570; wins over Host and Port.</summary>
        public string[] Endpoints;

        /// <summary>A name the engine keeps across reconnects; one connection at a time has it.</summary>
        public string Name = "my-game";

        /// <summary>Characters this engine plays. Null: all that nobody owns. Empty: a viewer.</summary>
        public string[] Owns;

        /// <summary>Null for a sidecar without one.</summary>
        public string Token;

        /// <summary>The file of serve --token-file, read anew for every connection; wins over Token. Null: none.</summary>
        public string TokenFile;

        /// <summary>With a token: the role, which is engine for a game, viewer or editor for tools.</summary>
        public string User = "engine";

        /// <summary>The sidecar ticks only when Step asks it to.</summary>
        public bool LockStep;

        /// <summary>Version of the game or of this package, for people.</summary>
        public string Package = "";

        internal ZmtpSettings Proving(ZmtpSettings settings)
        {
            settings.User = Token == null && TokenFile == null ? null : User;
            settings.Password = Token ?? "";
            settings.PasswordFile = TokenFile;
            return settings;
        }

        internal string[] EffectiveEndpoints()
        {
            if (Endpoints != null && Endpoints.Length == 3)
            {
                return Endpoints;
            }
            var endpoints = new List<string>();
            for (int i = 0; i < 3; i++)
            {
                endpoints.Add("tcp://" + Host + ":" + (Port + i));
            }
            return endpoints.ToArray();
        }
    }
}
